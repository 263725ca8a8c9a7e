"""Lesions of patients, and the day on which one is to be looked at again."""
