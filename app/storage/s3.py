"""Storage in a bucket of Amazon S3, or of another store that speaks like it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError

from app.errors import StorageFullError, StorageUnavailableError
from app.storage.names import is_safe, require_safe

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 2, 6, 3  # so that a store that hangs holds a request for half a minute
PATIENT = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
)
PROBE = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
READY_SECONDS = 5  # for so long a store that answered is believed to: probes come often
MOST_AT_ONCE = 1000  # keys of one listing or deletion (S3's own limit)
NO_OBJECT = {"NoSuchKey", "404"}
NO_ROOM = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507"}
CUT_OFF = (HTTPClientError, IncompleteReadError)

for _noisy in ("boto3", "botocore", "urllib3"):  # at DEBUG they tell of requests with how these are signed
    logging.getLogger(_noisy).setLevel(logging.WARNING)

log = structlog.get_logger(__name__)

_making = threading.Lock()  # of clients: any number of threads may use one, but not make them at once


@dataclass(frozen=True, slots=True)
class Account:
    """Where a store is, and as whom it is asked; what is None is looked for where boto3 looks for it."""

    endpoint: str | None = None
    region: str | None = None
    key: str | None = None
    secret: str | None = None
    connections: int = 10

    def __repr__(self) -> str:
        """Tell no secrets."""
        return f"Account({self.endpoint or 'Amazon S3'})"

    def connect(self, config: Config) -> Any:
        """Return a client of the store, which any number of threads may use."""
        return _session_of(os.getpid()).client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=self._common().merge(config),
        )

    def _common(self) -> Config:
        """Sign what is sent, so that the store notices a damaged byte; newer checksums not every store knows."""
        return Config(
            signature_version="s3v4",
            max_pool_connections=self.connections,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if self.endpoint else "auto", "payload_signing_enabled": True},
        )


class S3Storage:
    """Keeps each content in an object of its own, below a prefix."""

    def __init__(self, bucket: str, prefix: str, account: Account) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._account = account
        self._answered = float("-inf")

    def put(self, key: str, content: bytes) -> None:
        """Write an object: a store takes it whole or not at all."""
        with self._asking("put"):
            self._client().put_object(Bucket=self._bucket, Key=self._name(key), Body=content)

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        """Write one after the other: there is no request that writes several."""
        for key, content in contents.items():
            self.put(key, content)

    def get(self, key: str) -> bytes:
        """Read an object; FileNotFoundError if there is none."""
        return self._read(key)

    def beginning(self, key: str, length: int) -> bytes:
        """Read the first bytes of an object; FileNotFoundError if there is none."""
        try:
            return self._read(key, Range=f"bytes=0-{length - 1}")[:length]  # a store may answer with all of it
        except _EmptyError:
            return b""

    def delete(self, key: str) -> None:
        """Remove an object."""
        with self._asking("delete"):
            self._client().delete_object(Bucket=self._bucket, Key=self._name(key))

    def delete_all(self, keys: Iterable[str]) -> None:
        """Remove objects, a thousand by one request."""
        names = iter([{"Key": self._name(key)} for key in keys])
        while batch := list(islice(names, MOST_AT_ONCE)):
            with self._asking("delete"):
                request = {"Objects": batch, "Quiet": True}
                refused = self._client().delete_objects(Bucket=self._bucket, Delete=request).get("Errors", ())
            if refused:
                raise self._trouble("delete", refused[0].get("Code", "unknown"))

    def keys(self, under: str = "", *, after: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield the keys in order, a thousand by one request."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": self._prefix + (f"{under}/" if under else "")}
        if after:
            request["StartAfter"] = self._prefix + after
        while True:
            with self._asking("list"):
                page = self._client().list_objects_v2(**request, MaxKeys=MOST_AT_ONCE)
            for listed in page.get("Contents", ()):
                key = listed["Key"].removeprefix(self._prefix)
                if is_safe(key):
                    yield key, listed["LastModified"]
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def ready(self) -> bool:
        """Tell whether the bucket can be reached, by a request every few seconds at most."""
        if time.monotonic() - self._answered < READY_SECONDS:
            return True
        try:
            self._client()  # made by the way: the first photograph need not wait for it
            _client_of(self._account, PROBE, os.getpid()).head_bucket(Bucket=self._bucket)
        except (BotoCoreError, ClientError) as error:
            log.error("storage_not_ready", reason=_code(error))
            return False
        self._answered = time.monotonic()
        return True

    def remove_unfinished(self, before: datetime) -> int:  # noqa: ARG002 - as the protocol has it
        """Do nothing: what was not written whole is not there."""
        return 0

    def _read(self, key: str, **part: str) -> bytes:
        with self._asking("get"):
            for attempt in range(1, ATTEMPTS + 1):
                body = self._client().get_object(Bucket=self._bucket, Key=self._name(key), **part)["Body"]
                try:
                    return bytes(body.read())
                except CUT_OFF:  # boto3 asks again only until the answer has begun
                    if attempt == ATTEMPTS:
                        raise
        raise AssertionError

    def _client(self) -> Any:
        return _client_of(self._account, PATIENT, os.getpid())

    def _name(self, key: str) -> str:
        return self._prefix + require_safe(key)

    @contextmanager
    def _asking(self, operation: str) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            code = _code(error)
            if code in NO_OBJECT:
                raise FileNotFoundError(code) from error
            if code == "InvalidRange":
                raise _EmptyError from error
            raise self._trouble(operation, code) from error

    def _trouble(self, operation: str, code: str) -> StorageUnavailableError:
        self._answered = float("-inf")
        log.error("storage_unavailable", operation=operation, reason=code)
        return StorageFullError() if code in NO_ROOM else StorageUnavailableError()


class _EmptyError(Exception):
    """An object without a byte, of which no part can be had."""


def _client_of(account: Account, config: Config, process: int) -> Any:
    """Return a client that is made once for a process: connections can't be shared with one that was forked."""
    with _making:
        return _made_client(account, config, process)


@lru_cache
def _made_client(account: Account, config: Config, _process: int) -> Any:
    return account.connect(config)


@lru_cache
def _session_of(_process: int) -> Any:
    """Return what reads the description of S3, once for all clients of a process."""
    return boto3.session.Session()


def _code(error: Exception) -> str:
    """Return what a store calls an error, or its kind: never its words, which may tell as whom it was asked."""
    told: Any = getattr(error, "response", None) or {}  # None where there was no answer
    return str(told.get("Error", {}).get("Code") or type(error).__name__)
