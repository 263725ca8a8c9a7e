"""Photographs in DICOM files: what a file shows, and what it says of the patient.

pydicom, which loads NumPy, is imported inside functions: the web process pays for it when the first such file comes.
"""
