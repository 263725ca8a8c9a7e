"""Unique identifiers: made of what they identify, so that the same thing has the same one whenever it is exported.

They lie under 2.25, which anybody may use with the decimal form of a UUID (ITU-T X.667; DICOM PS3.5, B.2).
"""

from __future__ import annotations

import json
import uuid

ROOT = "2.25."
NAMESPACE = uuid.UUID("3d1ca6ab-7b1c-4a0c-9d9e-2f6a4c8d9b57")  # drawn once: another one would rename all that was sent


def uid_of(*parts: str) -> str:
    """Return the identifier of what these words name together."""
    return f"{ROOT}{uuid.uuid5(NAMESPACE, json.dumps(parts)).int}"
