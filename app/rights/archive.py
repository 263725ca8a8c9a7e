"""A zip file that is sent while it is written: no more of it is in memory than the file that is being added."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

SUMS = "SHA256SUMS.txt"  # as sha256sum writes and checks it
DEFLATED = (".json", ".txt", ".csv")


class Archive:
    """A zip file in the making: what is added comes out of `taken` as bytes; `closed` ends it with a list of hashes."""

    def __init__(self, at: datetime) -> None:
        self._at = at.timetuple()[:6]
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w")
        self._sums: list[str] = []

    def add(self, name: str, content: bytes | Iterable[bytes]) -> Iterator[bytes]:
        """Add a file, and yield what can be sent by then."""
        parts = (content,) if isinstance(content, bytes) else content
        digest = hashlib.sha256()
        with self._zip.open(self._info(name), "w", force_zip64=True) as file:
            for part in parts:
                digest.update(part)
                file.write(part)
                yield self._sink.taken()
        self._sums.append(f"{digest.hexdigest()}  {name}\n")
        yield self._sink.taken()

    def closed(self) -> Iterator[bytes]:
        """Write the hashes of all files, and the end, without which no program takes it for whole."""
        self._zip.writestr(self._info(SUMS), "".join(self._sums))
        self._zip.close()
        yield self._sink.taken()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(DEFLATED) else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        return info


class _Sink:
    """Takes what is written, to be taken on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing was opened."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
