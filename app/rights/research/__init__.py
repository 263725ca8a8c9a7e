"""Pseudonymised exports for research: of patients whose consent to it is in force, and of no others."""
