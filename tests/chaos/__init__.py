"""Faults with real processes: they are killed, and what they need is taken away, while people send photographs."""
