"""States that are asked for when somebody looks: named by the features that know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from app.metrics.measures import NAMESPACE

Answer = Iterable[tuple[Sequence[str], float]]


@dataclass(frozen=True, slots=True)
class Question:
    """A state: its name, what it says, its labels, and what answers with the labels' values and a number."""

    name: str
    says: str
    labels: tuple[str, ...]
    ask: Callable[[], Answer]

    def answered(self) -> Metric:
        """Ask, and return what was answered."""
        family = GaugeMetricFamily(f"{NAMESPACE}_{self.name}", self.says, labels=self.labels)
        for values, number in self.ask():
            family.add_metric(values, number)
        return family


QUESTIONS: dict[str, Question] = {}


def asked(name: str, says: str, labels: tuple[str, ...], ask: Callable[[], Answer]) -> None:
    """Have a state asked for; `ask` is called in an application context, with little time."""
    QUESTIONS[name] = Question(name, says, labels, ask)
