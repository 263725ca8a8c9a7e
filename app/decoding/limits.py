"""How much a file from outside may be, may unpack to, and may take to be read; with the sentences for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config import Settings

MEGABYTE = 1024 * 1024
MEGAPIXEL = 1_000_000
SHORTEST_SIDE = 64  # pixels
UNPACKED = 4  # times the largest upload that a deflated DICOM file may unpack to
# bytes that reading takes: of itself, for each pixel at the largest, and for each byte of the file
BASIS, PER_PIXEL, PER_BYTE = 192 * MEGABYTE, 25, 6
LONGEST_CELL = 2000  # characters of a spreadsheet's cell that are looked at
NOTHING_KEPT = "Nothing of it was kept."


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file in MiB, the largest photograph in millions of pixels, and how many seconds reading may take."""

    megabytes: int = 16
    megapixels: int = 40
    seconds: int = 15

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that are set."""
        return cls(settings.upload_megabytes, settings.upload_megapixels, settings.decoding_seconds)

    @property
    def bytes(self) -> int:
        """The largest file in bytes."""
        return self.megabytes * MEGABYTE

    @property
    def memory(self) -> int:
        """The bytes that a process may take for such a file, besides what it has at its start."""
        return BASIS + PER_PIXEL * self.megapixels * MEGAPIXEL + PER_BYTE * self.bytes

    @property
    def too_large(self) -> str:
        """The sentence for a file of more bytes."""
        return f"The file is larger than {self.megabytes} MB; please choose a smaller one."

    @property
    def too_many_pixels(self) -> str:
        """The sentence for a photograph of more pixels."""
        return f"The photograph has more than {self.megapixels} megapixels; please choose a smaller one."


def too_small(width: object, height: object) -> str:
    """Return the sentence for a photograph of too few pixels."""
    return f"The photograph is only {width} by {height} pixels; it needs {SHORTEST_SIDE} each way."


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What a zip file may hold: files, MiB in one of them and in all, and how many times its size one may unpack to.

    `seconds` is how long nothing may come of it.
    """

    entries: int = 2000
    single_megabytes: int = 16
    megabytes: int = 2048
    ratio: int = 50
    seconds: int = 15

    @classmethod
    def of(cls, settings: Settings) -> ZipLimits:
        """Return the limits that are set."""
        return cls(
            settings.batch_photographs,
            settings.upload_megabytes,
            settings.batch_zip_unpacked_megabytes,
            settings.batch_zip_ratio,
            settings.decoding_seconds,
        )

    @property
    def memory(self) -> int:
        """The bytes that a process may take for such a file: a file in it twice, and the directory."""
        return BASIS + 4 * self.single_megabytes * MEGABYTE + 8192 * self.entries

    @property
    def too_many(self) -> str:
        """The sentence for more files."""
        return f"The zip file holds more than {self.entries:,} files; please send it in parts. {NOTHING_KEPT}"

    @property
    def too_large(self) -> str:
        """The sentence for more bytes in all."""
        return f"The zip file unpacks to more than {self.megabytes:,} MB; please send it in parts. {NOTHING_KEPT}"

    @property
    def one_too_large(self) -> str:
        """The sentence for more bytes in one file."""
        return f"A file in the zip file is larger than {self.single_megabytes} MB. {NOTHING_KEPT}"

    @property
    def too_dense(self) -> str:
        """The sentence for what unpacks to many times its size."""
        return f"A file in the zip file unpacks to more than {self.ratio} times its size. {NOTHING_KEPT}"
