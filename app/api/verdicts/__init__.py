"""Verdicts on a test: the clinician's own assessment, and the confirmed diagnosis."""
