"""The classifiers that there are: cards read at once, networks loaded at first use, once, under a lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from models.card import FILE as CARD_FILE
from models.card import NETWORK, Card, CardError, read_card, read_verified
from models.engines.fitting import Fitting
from models.held import hold
from models.outline import Noise, Outliner
from models.prediction import Classifier
from models.segmentation import card as outlines

Loader = Callable[[Card, Path], Classifier]

OUTLINE = "outline"  # the folder of the network that draws outlines


class UnavailableError(RuntimeError):
    """A classifier can't be loaded: its files are missing, damaged, or not those of its card."""


class Registry(Mapping[str, Classifier]):
    """Classifiers by name, each built when first asked for.

    A folder of the weights directory that holds a ``card.json`` is a classifier. A failed load is not
    remembered: once the file is mended, the next request finds it. Beside them is the network that draws outlines.
    Each takes `at_once` photographs at a time, on as many `threads` each, on the engine that `fitting` finds.
    """

    def __init__(
        self,
        weights: Path,
        threads: int = 2,
        loader: Loader | None = None,
        at_once: int = 1,
        fitting: Fitting | None = None,
    ) -> None:
        self._weights = weights
        ours = partial(_load_network, threads=threads, at_once=at_once, fitting=fitting)
        self._load = ours if loader is None else loader
        self._lock = threading.Lock()
        self._threads = threads
        self._loaded: dict[str, Classifier] = {}
        self._cards: dict[str, tuple[int, Card]] = {}  # with the moment at which the file was written
        self._outliner: Outliner | None = None

    def __getitem__(self, name: str) -> Classifier:
        """Return a loaded classifier; KeyError if there is no such name, UnavailableError if it can't be loaded."""
        if name not in self._names():
            raise KeyError(name)
        with self._lock:  # two requests must not both read the weights
            if name not in self._loaded:
                folder = self._weights / name
                try:
                    self._loaded[name] = self._load(read_card(folder), folder)
                except (CardError, OSError, ValueError, RuntimeError) as error:
                    raise UnavailableError(f"{name}: {error}") from error
            return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def cards(self) -> tuple[Card, ...]:
        """Return every readable card, sorted by name, without loading a network."""
        cards = []
        for name in self._names():
            try:
                cards.append(self._card(name))
            except CardError:
                continue
        return tuple(cards)

    def outliner(self) -> Outliner:
        """Return the network that draws outlines, loaded at first use; UnavailableError if it can't be."""
        with self._lock:
            if self._outliner is None:
                try:
                    self._outliner = _load_outliner(self._weights / OUTLINE, self._threads)
                except (CardError, OSError, ValueError, RuntimeError) as error:
                    raise UnavailableError(f"{OUTLINE}: {error}") from error
            return self._outliner

    def outline_version(self) -> str | None:
        """Return the version of the network that draws outlines, without loading it; None if there is none."""
        try:
            return outlines.read_card(self._weights / OUTLINE).version
        except CardError:
            return None

    def outline_noise(self) -> Mapping[str, Noise]:
        """Return what its card says of noise, by measure; empty if there is no card."""
        try:
            return outlines.read_card(self._weights / OUTLINE).noise_limits()
        except CardError:
            return {}

    def _card(self, name: str) -> Card:
        """Return a card, read again only where its file has changed: every form of a new test lists all."""
        folder = self._weights / name
        try:
            changed = (folder / CARD_FILE).stat().st_mtime_ns
        except OSError as error:
            raise CardError(f"there is no card in {folder}") from error
        known = self._cards.get(name)
        if known is None or known[0] != changed:
            known = self._cards[name] = changed, read_card(folder)
        return known[1]

    def _names(self) -> list[str]:
        return sorted(path.parent.name for path in self._weights.glob("*/card.json"))


def hold_network(folder: Path) -> bool:
    """Hold a folder's network for the processes that are forked from this one; CardError if it is not its card's.

    False where that can't be done: each process has it to itself then.
    """
    if folder.name == OUTLINE:
        card = outlines.read_card(folder)
        return hold(outlines.read_verified(card, folder, outlines.NETWORK), card.files[outlines.NETWORK])
    found = read_card(folder)
    return hold(read_verified(found, folder, NETWORK), found.files[NETWORK])


def _load_network(card: Card, folder: Path, threads: int, at_once: int, fitting: Fitting | None) -> Classifier:
    from models.serving import NetworkClassifier  # noqa: PLC0415 - NumPy and LiteRT only when a network is wanted

    return NetworkClassifier.load(card, folder, threads, at_once, fitting)


def _load_outliner(folder: Path, threads: int) -> Outliner:
    from models.segmentation.outliner import LiteRtOutliner  # noqa: PLC0415 - as above

    return LiteRtOutliner.load(folder, threads)
