"""Patients: written down, changed, merged, archived, erased."""
