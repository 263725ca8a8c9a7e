"""The image archive (PACS) that is configured, and what may go wrong with one, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config import Settings


@dataclass(frozen=True, slots=True)
class Archive:
    """Where an archive listens, and the application entity titles: what it is `called`, and who is `calling` it.

    With `tls` it must show a certificate for its host, by one of the authorities in the file `authorities`, or by one
    that this machine trusts where there is none.
    """

    host: str
    port: int
    called: str
    calling: str
    tls: bool = False
    authorities: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Archive | None:
        """Return the archive that is configured; None if none is."""
        if settings.pacs_host is None:
            return None
        return cls(
            host=settings.pacs_host,
            port=settings.pacs_port,
            called=settings.pacs_ae_title,
            calling=settings.pacs_calling_ae_title,
            tls=settings.pacs_tls,
            authorities=settings.pacs_ca_file,
        )


# status of an answer (PS3.4, B.2.3; PS3.7, C)
SUCCESS, DUPLICATE, NOT_ALLOWED = 0x0000, 0x0111, 0x0124
KEPT_WITH_REMARKS, NO_ROOM, UNREADABLE = range(0xB000, 0xC000), range(0xA700, 0xA800), range(0xC000, 0xD000)
UNSUITABLE = (0x0117, 0x0122, *range(0xA900, 0xAA00))

CALLED_UNKNOWN, CALLING_UNKNOWN = (1, 7), (1, 3)  # source and reason of a rejection (PS3.8, 9.3.4)
BUSY = "The archive has no room for another connection at the moment."


def rejection(archive: Archive, source: int, reason: int) -> str:
    """Say why an archive refused a connection."""
    if (source, reason) == CALLED_UNKNOWN:
        return f"The archive does not go by the name {archive.called}. Please tell your administrator."
    if (source, reason) == CALLING_UNKNOWN:
        return f"The archive does not know us by the name {archive.calling}. Please tell your administrator."
    return "The archive has refused the connection. Please tell your administrator."


def refusal(status: int) -> tuple[str, bool]:
    """Say why an archive did not keep an object, and whether it never will."""
    number = f"(status {status:04X})"
    if status in NO_ROOM:
        return f"The archive has no room left {number}.", False
    if status == NOT_ALLOWED:
        return f"The archive does not let us store anything {number}. Please tell your administrator.", True
    if status in UNREADABLE or status in UNSUITABLE:
        return f"The archive can't read what it was sent {number}. Please tell your administrator.", True
    return f"The archive could not keep what it was sent {number}.", False


def is_kept(status: int) -> bool:
    """Tell whether an object is in the archive: now, now with remarks, or since before."""
    return status in (SUCCESS, DUPLICATE) or status in KEPT_WITH_REMARKS
