"""Tests: a photograph and what a classifier answered."""
