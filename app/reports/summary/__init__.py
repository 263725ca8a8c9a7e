"""The page for the patient: in plain words what was done, what a clinician thinks of it, and what happens next."""
