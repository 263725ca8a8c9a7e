"""Rights of patients: consent, and everything about one in a file."""
