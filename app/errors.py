"""The errors that a person may be told of: each carries a sentence that is safe to show, and an HTTP status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Remedy:
    """What the person can do about an error, in the words of a button, and the address where."""

    words: str
    address: str


class AppError(Exception):
    """Something that went wrong in a way the person at the screen should read about.

    `remedy` is None where there is nothing to do on another page. `kind` tells programs the error from others with its
    status, `details` are further members of its problem details, and `headers` go with the answer.
    """

    status = 500
    title = "Something went wrong"
    kind: str | None = None
    remedy: Remedy | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.headers: dict[str, str] = {}
        self.details: dict[str, Any] = {}


class UnauthenticatedError(AppError):
    """Nobody is signed in, or no valid token came along."""

    status = 401
    title = "Please sign in"


class NotAllowedError(AppError):
    """Whoever is signed in may see this, and has no role in which it can be changed."""

    status = 403
    kind = "role-insufficient"
    title = "Your account may only look at this"


class RefusedUploadError(AppError):
    """A file that is not a photograph we can use; the message says why, in one sentence."""

    status = 422
    kind = "photograph-refused"
    title = "This file can't be used"


class TooLargeError(RefusedUploadError):
    """A file larger than the setting allows."""

    status = 413
    kind = "photograph-too-large"


class NotFoundError(AppError):
    """There is no such thing, or it is not yours: which of the two is never told."""

    status = 404
    title = "Not found"


class ThrottledError(AppError):
    """Too many failed attempts; `retry_after` is in seconds."""

    status = 429
    title = "Please wait a little"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.headers["Retry-After"] = str(retry_after)


class BusyError(AppError):
    """There is more to do than can be done just now; `Retry-After` says when to send the same again."""

    status = 503
    kind = "busy"
    title = "The site is busy"
    sentence = (
        "More photographs are being sent than can be answered at the moment. This one was not stored, and nothing is "
        "lost: send it again in a few seconds."
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__(self.sentence)
        self.headers["Retry-After"] = str(retry_after)


class DamagedFileError(AppError):
    """A stored file is missing, or is not the one whose hash was kept."""

    status = 500
    title = "This file can't be trusted"


class ClassifierUnavailableError(AppError):
    """The classifier can't be loaded: its weights are missing, damaged, or not those of its card."""

    status = 503
    kind = "classifier-unavailable"
    title = "The classifier is not available"


class StorageUnavailableError(AppError):
    """Stored files can't be read or written for the moment; what is stored is not lost."""

    status = 503
    kind = "storage-unavailable"
    title = "Photographs can't be reached"
    words = (
        "The storage of photographs and reports does not answer. What was kept before is still there, and nothing new "
        "was kept. Please try again in a moment."
    )
    retry_seconds = 10

    def __init__(self) -> None:
        super().__init__(self.words)
        self.headers["Retry-After"] = str(self.retry_seconds)


class StorageFullError(StorageUnavailableError):
    """There is no room for another file."""

    status = 507
    kind = "storage-full"
    title = "There is no room left"
    words = (
        "The storage of photographs and reports is full. What was kept before is still there, and nothing new was "
        "kept. Please tell your administrator, and try again later."
    )
    retry_seconds = 300
