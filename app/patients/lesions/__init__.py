"""Lesions: the places on a patient's skin that are looked at again."""
