"""Tables of figures, as Markdown has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence


def header(titles: Sequence[str]) -> Iterator[str]:
    """Yield the two lines that open a table."""
    yield row(titles)
    yield row("---" for _ in titles)


def row(cells: Iterable[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"


def interval(figure: Mapping[str, float] | None) -> str:
    """Say a figure of a card with its interval."""
    if figure is None:
        return "not defined"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def words(name: str) -> str:
    """Return a name of the code as words."""
    return name.replace("_", " ")
