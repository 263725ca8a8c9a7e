"""Batches: many photographs at once, which the worker analyses one after the other."""
