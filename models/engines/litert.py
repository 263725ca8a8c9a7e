"""The engine that everything else is held against: LiteRT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.engines.base import SIGNATURE, Answers, Network

if TYPE_CHECKING:
    from models.engines.base import Floats


class LiteRtEngine:
    """A network on LiteRT; ValueError or RuntimeError if it is none.

    A network in a file is mapped, not read: processes with the same file share its pages.
    """

    name = "litert"

    def __init__(self, network: Network, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - loads a large library

        found = {"model_content": network} if isinstance(network, bytes) else {"model_path": str(network)}
        self._run = Interpreter(**found, num_threads=threads).get_signature_runner(SIGNATURE)
        self._input = next(iter(self._run.get_input_details()))

    def run(self, image: Floats) -> Answers:
        """Return what the network answers for one scaled picture."""
        answers: Answers = self._run(**{self._input: image})
        return answers
