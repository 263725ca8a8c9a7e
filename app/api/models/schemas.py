"""What is answered of classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from app.api.schemas import Answer
from app.classifiers.measured import leak, own_figures
from app.inference import Card, Label, counted_facts

OVER = "Whether it counts as malignant."
LEAK = (
    "Why the figures flatter: training saw lesions of the test photographs, or whether it did is not recorded. "
    "Null where they are held out."
)


class ClassAnswer(Answer):
    """A class that a classifier tells apart from others."""

    code: str = Field(examples=["mel"])
    name: str = Field(examples=["Melanoma"])
    malignant: bool = Field(description=OVER, examples=[True])

    @classmethod
    def of(cls, label: Label) -> ClassAnswer:
        """Answer a class."""
        return cls(code=label.code, name=label.name, malignant=label.malignant)


class FigureAnswer(Answer):
    """A figure with its 95 % bootstrap interval."""

    value: float = Field(examples=[0.94])
    low: float = Field(examples=[0.93])
    high: float = Field(examples=[0.96])


class PointAnswer(Answer):
    """A threshold on malignancy, chosen on validation photographs, and what it reached on the test photographs."""

    name: str = Field(description="What it was chosen for, in percent.", examples=["sensitivity_95"])
    threshold: float = Field(examples=[0.048])
    sensitivity: FigureAnswer | None = Field(examples=[{"value": 0.95, "low": 0.92, "high": 0.97}])
    specificity: FigureAnswer | None = Field(examples=[{"value": 0.76, "low": 0.73, "high": 0.79}])


class MeasuredAnswer(Answer):
    """What was measured on the test photographs of the split that the classifier was trained for."""

    split: str = Field(examples=["ham7-grouped"])
    photographs: int | None = Field(examples=[2004])
    lesions: int | None = Field(examples=[1491])
    leak: str | None = Field(description=LEAK, examples=[None])
    figures: dict[str, FigureAnswer] = Field(
        examples=[{"malignant_auc": {"value": 0.943, "low": 0.929, "high": 0.957}}]
    )


class ModelAnswer(Answer):
    """A classifier: what it tells apart, how large it is, and how it was measured."""

    name: str = Field(examples=["mobilenetv2-ham7"])
    title: str = Field(examples=["MobileNetV2"])
    task: str = Field(examples=["ham7"])
    version: str = Field(examples=["1.2.0"])
    default: bool = Field(description="Whether it answers where no classifier is asked for.", examples=[True])
    classes: list[ClassAnswer]
    parameters: int = Field(examples=[7153806])
    network_bytes: int | None = Field(
        description="Size of the network's file; null if it is missing.", examples=[28654112]
    )
    input_px: int = Field(description="Side of the square that the network sees.", examples=[224])
    views: int = Field(description="How many turned and mirrored views of a photograph it sees.", examples=[8])
    weighs: list[str] = Field(
        description="Which of age, sex and site it weighs in beside the photograph.", examples=[["age", "site"]]
    )
    measured: MeasuredAnswer | None = Field(description="Null if it was not measured.")
    operating_points: list[PointAnswer]
    intended_use: str = Field(examples=["Decision support for clinicians."])
    licence: str = Field(examples=["Research use only."])
    limits: list[str] = Field(examples=[["Trained on dermoscopic photographs of one data set."]])

    @classmethod
    def of(cls, card: Card, *, network_bytes: int | None, default: bool) -> ModelAnswer:
        """Answer a classifier as its card describes it."""
        return cls(
            name=card.name,
            title=card.title,
            task=card.task.name,
            version=card.version,
            default=default,
            classes=[ClassAnswer.of(label) for label in card.task.labels],
            parameters=card.parameters,
            network_bytes=network_bytes,
            input_px=card.input_px,
            views=card.views,
            weighs=list(counted_facts(card)),
            measured=_measured(card),
            operating_points=_points(card),
            intended_use=card.intended_use,
            licence=card.licence,
            limits=list(card.limits),
        )


def _measured(card: Card) -> MeasuredAnswer | None:
    found = own_figures(card)
    if not found:
        return None
    return MeasuredAnswer(
        split=str(card.training.get("split")),
        photographs=found.get("n"),
        lesions=found.get("lesions"),
        leak=leak(found),
        figures={name: figure for name in found if (figure := _figure(found, name)) is not None},
    )


def _points(card: Card) -> list[PointAnswer]:
    reached = own_figures(card).get("operating_points", {})
    return [
        PointAnswer(
            name=name,
            threshold=threshold,
            sensitivity=_figure(reached.get(name, {}), "sensitivity"),
            specificity=_figure(reached.get(name, {}), "specificity"),
        )
        for name, threshold in card.operating_points.items()
    ]


def _figure(found: Mapping[str, Any], name: str) -> FigureAnswer | None:
    """Return a figure that has an interval; None where it was not measured, or is something else."""
    figure = found.get(name)
    if not isinstance(figure, Mapping) or set(figure) != {"value", "low", "high"}:
        return None
    return FigureAnswer(**figure)
