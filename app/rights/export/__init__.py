"""Everything that is kept about one patient, in a zip file: for the patient, or for another clinic."""
