"""Where the numbers of a process are: in its memory, and once they are shared in files that others read.

prometheus_client chooses between the two by a variable of the environment before the first measure is made, and knows
a process by its number alone. Here they are shared whenever a process says so, and each writes into files of its own
name, so that neither a fork nor a number that comes again mixes them up.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prometheus_client import disable_created_metrics, values
from prometheus_client.mmap_dict import MmapedDict, mmap_key


class Numbers:
    """The numbers of this process, and the files that hold them once they are shared."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._values: list[Number] = []
        self._files: dict[str, MmapedDict] = {}
        self.folder: Path | None = None  # that this process shares its numbers in
        self._name = ""

    def add(self, number: Number) -> None:
        """Take up a number that is new."""
        with self.lock:
            self._values.append(number)
            self._attach(number)

    def share(self, folder: Path, name: str) -> None:
        """Go on in files of `folder` that begin with the kind of number and end with `name`."""
        with self.lock:
            self.folder, self._name = folder, name
            for number in self._values:
                self._attach(number)

    def forget(self) -> None:
        """Begin at nothing, in memory: this process was forked from the one that has counted so far."""
        self.lock = threading.Lock()
        self.folder = None
        for file in self._files.values():
            file.close()
        self._files.clear()
        for number in self._values:
            number.file, number.value, number.time = None, 0.0, 0.0

    def _attach(self, number: Number) -> None:
        if self.folder is None:
            return
        if number.kind not in self._files:
            self._files[number.kind] = MmapedDict(str(self.folder / f"{number.kind}_{self._name}.db"))
        number.file = self._files[number.kind]
        number.file.write_value(number.key, number.value, number.time)


class Number:
    """One number of one measure, as prometheus_client wants it."""

    _multiprocess = True

    def __init__(  # noqa: PLR0917 - as the library calls it
        self,
        typ: str,
        metric_name: str,
        name: str,
        labelnames: Sequence[str],
        labelvalues: Sequence[str],
        help_text: str,
        multiprocess_mode: str = "",
        **_more: Any,
    ) -> None:
        self.kind = f"{typ}_{multiprocess_mode}" if multiprocess_mode else typ
        self.key = mmap_key(metric_name, name, list(labelnames), list(labelvalues), help_text)
        self.value, self.time = 0.0, 0.0
        self.file: MmapedDict | None = None
        numbers.add(self)

    def inc(self, amount: float) -> None:
        """Add to the number."""
        with numbers.lock:
            self.value += amount
            self._write()

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Replace the number; `timestamp` is when it was so, in seconds."""
        with numbers.lock:
            self.value, self.time = value, timestamp or 0.0
            self._write()

    def get(self) -> float:
        """Return the number."""
        with numbers.lock:
            return self.value

    def set_exemplar(self, _exemplar: object) -> None:
        """Keep no example."""

    def get_exemplar(self) -> None:
        """Return no example."""

    def _write(self) -> None:
        if self.file is not None:
            self.file.write_value(self.key, self.value, self.time)


numbers = Numbers()
os.register_at_fork(after_in_child=numbers.forget)
disable_created_metrics()
values.ValueClass = Number  # before the first measure is made, in `measures`
