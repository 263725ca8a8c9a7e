"""Evaluation: how good the network that serves is, on photographs that training never saw."""
