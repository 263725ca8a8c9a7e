"""Which engine runs a network here: the one that is wanted, or the fastest, once it has proven to answer alike."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from models.engines.base import Builder, Engine, EngineError, Network
from models.engines.behind import Behind
from models.engines.kept import Choice, KeptChoices

if TYPE_CHECKING:
    from models.engines.base import Floats

AUTO, LITERT, OPENVINO = "auto", "litert", "openvino"
WANTED = (LITERT, OPENVINO, AUTO)
SECONDS = 1.0  # that a measurement takes, or three turns, whichever is more
TURNS = 3
WORTH = 1.1  # times as fast that another engine must be to be taken instead of LiteRT

log = logging.getLogger(__name__)


def missing_package(wanted: str) -> str | None:
    """Return the name of the package that an engine lacks; None if it has what it needs."""
    return OPENVINO if wanted == OPENVINO and find_spec(OPENVINO) is None else None


def litert(network: Network, threads: int) -> Engine:
    """Run a network on LiteRT."""
    from models.engines.litert import LiteRtEngine  # noqa: PLC0415 - loads a large library

    return LiteRtEngine(network, threads)


def openvino(network: Network, threads: int) -> Engine:
    """Run a network on OpenVINO."""
    from models.engines.openvino import OpenVinoEngine  # noqa: PLC0415 - as above

    return OpenVinoEngine(network, threads)


OTHERS: Mapping[str, Builder] = MappingProxyType({OPENVINO: openvino})


class Fitting:
    """Builds the engine for a network.

    `wanted` is one of `WANTED`. What was measured for `auto` is kept in the file `kept`, and holds until the network,
    the processor, the number of threads or an engine's version is another. With `niceness` an engine runs on a thread
    of its own, so many steps behind the others.
    """

    def __init__(
        self,
        wanted: str = LITERT,
        kept: Path | None = None,
        *,
        niceness: int = 0,
        reference: Builder = litert,
        others: Mapping[str, Builder] = OTHERS,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._wanted, self._reference, self._others, self._clock = wanted, reference, others, clock
        self._kept = KeptChoices(kept)
        self._niceness = niceness

    def engine(self, network: Network, sha256: str, threads: int, images: Callable[[], Floats]) -> Engine:
        """Return the engine that runs a network with this hash; `images` are those on which engines are compared."""
        if self._niceness:
            return Behind(lambda: self._chosen(network, sha256, threads, images), self._niceness)
        return self._chosen(network, sha256, threads, images)

    def _chosen(self, network: Network, sha256: str, threads: int, images: Callable[[], Floats]) -> Engine:
        first = self._reference(network, threads)
        if self._wanted == LITERT:
            return first

        def proven(name: str) -> Engine | None:
            return self._proven(name, network, threads, first, images())

        if self._wanted != AUTO:
            return proven(self._wanted) or first
        with self._kept.of(sha256, threads) as choice:
            if choice.name is None:
                engines = [first, *filter(None, map(proven, self._others))]
                return self._fastest(engines, images(), choice)
        return first if choice.name == first.name else proven(choice.name) or first

    def _fastest(self, engines: list[Engine], proof: Floats, choice: Choice) -> Engine:
        """Return the first of some engines, or one that is so much faster that it is worth it; write it down."""
        times = self._measured(engines, proof)
        fastest = min(engines, key=lambda engine: times[engine.name])
        first = engines[0]
        chosen = fastest if times[fastest.name] * WORTH <= times[first.name] else first
        choice.keep(chosen.name, times)
        log.info("engine_chosen engine=%s seconds=%s", chosen.name, times)
        return chosen

    def _proven(self, name: str, network: Network, threads: int, first: Engine, proof: Floats) -> Engine | None:
        """Return another engine if it can run the network and answers what the first does; else the log says why."""
        from models.engines.alike import require_alike  # noqa: PLC0415 - NumPy only when a network is wanted

        try:
            engine = self._others[name](network, threads)
            require_alike(first, engine, proof)
        except (EngineError, ImportError, KeyError) as error:
            log.warning("engine_not_used engine=%s reason=%s", name, error)
            return None
        return engine

    def _measured(self, engines: Sequence[Engine], proof: Floats) -> dict[str, float]:
        """Return the seconds of a pass by engine: medians of turns, for as long as a measurement may take."""
        times: dict[str, list[float]] = {engine.name: [] for engine in engines}
        end = self._clock() + (SECONDS if len(engines) > 1 else 0.0)
        while self._clock() < end or len(times[engines[0].name]) < TURNS:
            for engine in engines:
                start = self._clock()
                engine.run(proof[:1])
                times[engine.name].append(self._clock() - start)
        return {name: statistics.median(taken) for name, taken in times.items()}
