"""Requests that may be sent again: what carries the same Idempotency-Key is done once."""
