"""Photographs in DICOM files: what is asked of whoever sends one, and what is kept until it has been confirmed."""
