"""Verdicts: what the clinician thinks a lesion is, and what it turned out to be."""
