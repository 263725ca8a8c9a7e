"""Saved filters: what a person often asks the history for, under a name."""
