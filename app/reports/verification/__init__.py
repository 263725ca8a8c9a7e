"""Verification: whoever holds a report can ask whether it is genuine, and whether it still stands."""
