"""Filing: which patient, and which lesion, a test is kept with."""
