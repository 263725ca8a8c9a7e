"""Walk through the markers of a JPEG file (ITU-T T.81, annex B)."""

from __future__ import annotations

import re

# in a scan 0xFF is followed by 0x00 or by a restart marker; anything else is the next marker
MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
START_OF_SCAN = 0xDA
END_OF_IMAGE = 0xD9


def scans(content: bytes) -> int | None:
    """Count the scans of the first picture in a JPEG file; None if the file ends before that picture does."""
    position, count = 0, 0
    while found := MARKER.search(content, position):
        marker, position = found[0][1], found.end()
        if marker == END_OF_IMAGE:
            return count
        count += marker == START_OF_SCAN
        position += int.from_bytes(content[position : position + 2], "big")  # a length that counts itself
    return None
