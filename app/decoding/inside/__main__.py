"""The process that decoding processes are forked from: ``python -m app.decoding.inside KIND``, started by the site."""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import socket
import sys
import warnings

from app.decoding.inside.forking import serve
from app.decoding.inside.loading import load
from app.decoding.inside.system_calls import can_restrict
from app.decoding.orders import CONTROL, READY, UNFILTERED


def main() -> None:
    """Load everything, then take orders until whoever has started this process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for those who have started this
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)  # pydicom quotes what stands in files
    load(sys.argv[1])
    gc.collect()
    gc.freeze()  # the forked processes share what is loaded
    gc.disable()
    control = socket.socket(fileno=CONTROL)
    with contextlib.suppress(ConnectionError):  # whoever has started this is gone already
        control.sendall(READY if can_restrict() else UNFILTERED)
        serve(control)


if __name__ == "__main__":
    main()
