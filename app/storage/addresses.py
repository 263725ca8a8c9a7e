"""What keeps the files of a site, by the address of its storage."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.storage.local import LocalStorage
from app.storage.protocols import Kept
from config import Settings


def storage_at(address: str, settings: Settings) -> Kept:
    """Return the storage at ``file:///folder`` or ``s3://bucket/prefix``; nothing is asked of it yet."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return LocalStorage(Path(unquote(parts.path)))
    from app.storage.s3 import Account, S3Storage  # noqa: PLC0415 - boto3 is installed only where it is needed

    connections = settings.web_threads + settings.live_streams
    account = Account(settings.s3_endpoint, settings.s3_region, settings.s3_key, settings.s3_secret, connections)
    return S3Storage(parts.netloc, parts.path.strip("/"), account)
