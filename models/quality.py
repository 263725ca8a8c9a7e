"""Is the picture good enough to be judged? Sharpness and exposure of the framed square."""

from __future__ import annotations

from types import MappingProxyType

# codes that a prediction's `reasons` may hold, and the sentence a clinician reads
REASONS = MappingProxyType(
    {
        "blurred": "The photograph looks blurred.",
        "dark": "The photograph is too dark.",
        "overexposed": "Parts of the photograph are overexposed.",
        "low_contrast": "The photograph has very little contrast.",
        "unfamiliar": "The picture is unlike the lesion photographs that the classifier has learned from.",
    }
)
