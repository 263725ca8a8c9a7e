"""The classifiers as programs see them: what the cards say, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config import ROOT, Settings
from models.labels import HAM7
from models.registry import Registry
from tests.api.conftest import Program
from tests.fakes import CARD, NAME, FakeClassifiers

LEAKING = {**CARD.metrics["ham7-grouped"], "lesions_learned_from": 12}


def test_a_classifier_is_described_by_its_card(program: Program) -> None:
    listed, shown = program.get("/models").json, program.get(f"/models/{NAME}").json

    assert listed == {"items": [shown], "next": None}
    assert shown.items() >= {"task": "ham7", "version": "1.0.0", "input_px": 224, "default": True}.items()
    assert [(kind["code"], kind["malignant"]) for kind in shown["classes"]] == [
        (label.code, label.malignant) for label in HAM7.labels
    ]
    assert shown["measured"]["figures"]["malignant_auc"] == {"value": 0.931, "low": 0.918, "high": 0.943}
    assert shown["measured"]["leak"] is None
    assert shown["operating_points"][0] == {
        "name": "sensitivity_95",
        "threshold": 0.12,
        "sensitivity": {"value": 0.96, "low": 0.93, "high": 0.98},
        "specificity": {"value": 0.73, "low": 0.7, "high": 0.76},
    }


def test_an_unknown_classifier_is_not_found(program: Program) -> None:
    assert program.get("/models/unknown").status_code == 404


class TestFlattered:
    """Classifiers whose figures flatter, or that were never measured."""

    @pytest.fixture
    def classifiers(self) -> FakeClassifiers:
        leaking = replace(CARD, metrics={"ham7-grouped": LEAKING})
        return FakeClassifiers(leaking)

    def test_figures_that_flatter_say_so(self, program: Program) -> None:
        measured = program.get(f"/models/{NAME}").json["measured"]

        assert "these figures flatter" in measured["leak"]


class TestShipped:
    """The classifiers that come with Lentigo."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"weights": ROOT / "models" / "weights"})

    @pytest.fixture
    def classifiers(self) -> Registry:
        return Registry(ROOT / "models" / "weights")

    def test_their_held_out_figures_are_those_of_the_shell(self, program: Program, classifiers: Registry) -> None:
        cards = {card.name: card for card in classifiers.cards()}

        for shown in program.get("/models").json["items"]:
            card, measured = cards.pop(shown["name"]), shown["measured"]
            for name, figure in measured["figures"].items():
                held_out = card.held_out(name)
                assert (held_out is None) == (measured["leak"] is not None)
                assert held_out is None or figure == {
                    "value": held_out.value,
                    "low": held_out.low,
                    "high": held_out.high,
                }
            assert "balanced_accuracy" in measured["figures"]
            assert shown["network_bytes"] > 1_000_000
        assert cards == {}
