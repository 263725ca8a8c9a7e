"""The command `predict`, with a classifier that answers at once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from models.card import Card, write_card
from models.registry import Registry
from models.shell import answering
from models.shell.parser import build_parser
from tests.fakes import CARD, LEARNED_CARD, FakeClassifier
from tests.pictures import lesion_picture

FACTS = ("--age", "70", "--sex", "male", "--site", "face")
CONTRACT = ["image", "model", "version", "label", "probabilities", "malignancy", "accepted", "reasons"]


@pytest.fixture
def predict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command on one photograph with a fake of the card; return the line that it printed."""
    photograph = tmp_path / "lesion.png"
    lesion_picture().save(photograph)
    monkeypatch.setattr(
        answering, "Registry", lambda folder: Registry(folder, loader=lambda card, _: FakeClassifier(card))
    )

    def predict(card: Card, *options: str) -> str:
        (tmp_path / card.name).mkdir(exist_ok=True)
        write_card(tmp_path / card.name, card)
        arguments = ["predict", "--weights", str(tmp_path), "--model", card.name, *options, str(photograph)]
        parsed = build_parser().parse_args(arguments)
        assert parsed.run(parsed) == 0
        return capsys.readouterr().out

    return predict


def test_what_the_patients_facts_change_is_a_further_key(predict: Any) -> None:
    alone, known = json.loads(predict(LEARNED_CARD, "--json")), json.loads(predict(LEARNED_CARD, "--json", *FACTS))

    assert list(alone) == CONTRACT
    weighed = known.pop("with_patient")
    assert known == alone
    assert list(weighed) == ["label", "probabilities", "malignancy"]
    assert weighed["probabilities"]["bcc"] > alone["probabilities"]["bcc"]
    assert weighed["probabilities"][weighed["label"]] == max(weighed["probabilities"].values())
    assert weighed["malignancy"] == pytest.approx(sum(weighed["probabilities"][c] for c in ("akiec", "bcc", "mel")))


@pytest.mark.parametrize(("card", "facts"), [(CARD, FACTS), (LEARNED_CARD, ("--sex", "male"))])
def test_facts_of_which_nothing_was_learned_change_nothing(predict: Any, card: Card, facts: tuple[str, ...]) -> None:
    assert predict(card, *facts) == predict(card)
    assert list(json.loads(predict(card, "--json", *facts))) == CONTRACT


def test_the_line_gives_both_readings(predict: Any) -> None:
    first, _, second = predict(LEARNED_CARD, *FACTS).partition("  with the patient's facts: ")

    assert predict(LEARNED_CARD).rstrip("\n") == first
    assert re.fullmatch(r"\w+ \d\.\d{3}  malignancy \d\.\d{3}\n", second)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--age", "-1"), ("--age", "121"), ("--age", "nan"), ("--age", "old"), ("--sex", "M"), ("--site", "Face")],
)
def test_a_fact_that_is_none_is_refused(predict: Any, capsys: Any, option: str, value: str) -> None:
    with pytest.raises(SystemExit):
        predict(CARD, option, value)

    assert f"argument {option}: " in capsys.readouterr().err
