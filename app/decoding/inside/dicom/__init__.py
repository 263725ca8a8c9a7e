"""Photographs in DICOM files: what a file shows, and what it says of the patient."""
