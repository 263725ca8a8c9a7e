"""The bins in which malignancies are counted, on cards and by whoever holds answers against a card."""

from __future__ import annotations

# inner edges; a bin holds its lower edge. Most lesions are benign: below 5 % the bins are as fine as the answers are
EDGES = (
    *(0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04),
    *(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
)
BINS = len(EDGES) + 1
