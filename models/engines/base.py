"""What an engine is: a compiled network that is ready to look at one picture at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

SIGNATURE = "serving_default"

Answers = Mapping[str, Any]  # arrays of 32-bit floats by the name of the output
Network = bytes | Path  # the content of a compiled network, or a file that holds it and nobody can change


class EngineError(RuntimeError):
    """A network can't be run by this engine; the message says why."""


class Engine(Protocol):
    """A compiled network that is ready; not safe to share between threads."""

    name: str

    def run(self, image: Floats) -> Answers:
        """Return what the network answers for one scaled picture (1, px, px, 3)."""


Builder = Callable[[Network, int], Engine]  # of a network that is to run on so many threads


def content_of(network: Network) -> bytes:
    """Return the content of a compiled network."""
    return network if isinstance(network, bytes) else network.read_bytes()
