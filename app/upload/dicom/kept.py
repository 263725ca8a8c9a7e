"""Keep a DICOM file's pixels while a clinician confirms what the file says: for an hour, for nobody else.

Storage has the pixels alone. What the file says of the patient travels with the form, in a signed field: it stands on
the page anyway, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import TypeAdapter, ValidationError

from app.decoding.facts import DicomFacts
from app.errors import RefusedUploadError
from app.public_ids import new_public_id
from app.storage import Storage
from app.upload.dicom.photographs import DicomPhotograph

FOLDER = "uploads"
KEPT_FOR = timedelta(hours=1)
SALT = "pixels of a DICOM file"
GONE = "The file was kept for an hour only; please choose it again."


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Pixels that are kept under an id of ours, how many pictures they are, and what their file said."""

    public_id: str
    frames: int
    facts: DicomFacts

    @property
    def key(self) -> str:
        """Where storage has the pixels."""
        return f"{FOLDER}/{self.public_id}"


def keep(storage: Storage, photograph: DicomPhotograph) -> KeptFile:
    """Store a file's pixels, and return under which id."""
    kept = KeptFile(new_public_id(), photograph.pictures, photograph.facts)
    storage.put(kept.key, photograph.pixels_alone())
    return kept


def pixels_of(storage: Storage, kept: KeptFile) -> bytes:
    """Return the pixels that are kept, as a DICOM file; RefusedUploadError if the hour is over."""
    try:
        return storage.get(kept.key)
    except FileNotFoundError as error:
        raise RefusedUploadError(GONE) from error


def sealed(kept: KeptFile, owner: int, secret: str) -> str:
    """Write what a form sends back: it can be read, but neither changed nor used by another account."""
    return _signer(secret).dumps([owner, _adapter().dump_python(kept, mode="json")])


def unsealed(seal: str, owner: int, secret: str) -> KeptFile:
    """Read what `sealed` has written; RefusedUploadError if it is not theirs, not ours, or too old."""
    try:
        sealed_for, kept = _signer(secret).loads(seal, max_age=int(KEPT_FOR.total_seconds()))
        if sealed_for != owner:
            raise RefusedUploadError(GONE)
        return _adapter().validate_python(kept)
    except (BadData, ValidationError, ValueError, TypeError) as error:
        raise RefusedUploadError(GONE) from error


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=SALT)


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[KeptFile]:
    return TypeAdapter(KeptFile)
