"""Outlines: where the lesion of a photograph ends, what is measured of it, and the scale that the user draws."""
