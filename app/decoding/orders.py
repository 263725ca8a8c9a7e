"""How the site orders a process that decodes from the one that it is forked from."""

from __future__ import annotations

import struct

ORDER = struct.Struct(">IQ")  # seconds of processor time, bytes of memory
SOCKETS = 2  # that come along: for the file and the answer, and for how the process ends
READY, UNFILTERED = b"r", b"u"  # what an origin says once it takes orders; where the kernel does not filter its calls
CONTROL = 0  # the descriptor on which the origin takes orders: standard input
KINDS = PHOTOGRAPHS, DICOM = ("photographs", "dicom")  # what an origin has loaded
