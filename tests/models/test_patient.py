"""What age, sex and body site add to a photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.card import read_card
from models.evaluation.predictions import Predictions
from models.evaluation.with_patients import weigh, with_patients
from models.labels import BINARY
from models.patient import Evidence, Patient, written
from models.registry import Registry
from models.training.evidence import fit_evidence, fit_ratios, read_patients
from models.training.splits import Photograph
from models.training.tables import METADATA
from tests.models.colours import write_table
from tests.models.conftest import NAME
from tests.pictures import lesion_picture

EVIDENCE = Evidence(
    {"age": {"20": (0.7, -0.7), "70": (-0.7, 0.7)}, "sex": {"male": (0.1, -0.1)}, "site": {"face": (-0.5, 0.5)}},
    {"age": 0.5, "sex": 0.0, "site": 1.0},
)


def test_each_fact_that_is_known_counts_by_its_weight() -> None:
    assert EVIDENCE.shift(Patient(age=70, sex="male", site="face")) == pytest.approx((-0.85, 0.85))


@pytest.mark.parametrize("patient", [Patient(), Patient(sex="male"), Patient(site="moon"), Patient(age=40)])
def test_what_is_not_known_or_does_not_count_says_nothing(patient: Patient) -> None:
    assert EVIDENCE.shift(patient) is None


@pytest.mark.parametrize(("age", "as_written"), [(0, "0"), (42, "40"), (43, "45"), (104, "85")])
def test_ages_are_looked_up_in_steps_of_five_years(age: int, as_written: str) -> None:
    assert written(Patient(age=age)) == {"age": as_written}


def test_a_card_carries_the_evidence() -> None:
    assert Evidence.of(EVIDENCE.to_dict()) == EVIDENCE
    assert Evidence.of({}) is None


def drawn_patients(count: int, seed: int) -> tuple[list[Patient], np.ndarray]:
    """Old patients mostly with class 1, on whom the sex says nothing; every tenth of unknown age."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    ages = np.where(rng.random(count) < 0.85, labels, 1 - labels) * 40 + 30
    sexes = rng.choice(["female", "male"], count)
    known = [None if i % 10 == 0 else float(age) for i, age in enumerate(ages)]
    return [Patient(age, str(sex), None) for age, sex in zip(known, sexes, strict=True)], labels


def test_a_fact_that_goes_with_the_diagnosis_is_learned_and_one_that_does_not_is_not() -> None:
    train, validation = drawn_patients(4000, seed=0), drawn_patients(4000, seed=1)

    evidence = fit_evidence(train, validation, np.zeros((4000, 2)))

    assert evidence.weights["age"] > 0.9
    old, young = (np.diff(evidence.ratios["age"][age])[0] for age in ("70", "30"))
    assert (old, young) == pytest.approx((np.log(0.85 / 0.15), -np.log(0.85 / 0.15)), abs=0.25)
    assert np.abs(np.diff(evidence.ratios["sex"]["male"])) < 0.1
    assert "site" not in evidence.ratios


def test_evidence_that_the_photographs_hold_already_gets_no_weight() -> None:
    train, (patients, labels) = drawn_patients(4000, seed=0), drawn_patients(4000, seed=1)
    ratios = fit_ratios(*train, 2)
    told = np.array([ratios["age"].get(written(p).get("age", ""), (0, 0)) for p in patients])

    evidence = fit_evidence(train, (patients, labels), told)

    assert evidence.weights["age"] < 0.15


def test_a_class_of_few_patients_is_not_taken_at_its_word() -> None:
    patients = [Patient(site="back")] * 50 + [Patient(site="ear")] + [Patient(site="back")] * 50
    labels = np.array([0] * 50 + [1] + [0] * 50)

    ratio = fit_ratios(patients, labels, 2)["site"]["ear"][1]

    assert 0 < ratio < np.log(20)


def test_the_tables_of_ham10000_are_read(tmp_path: Path) -> None:
    header = "lesion_id,image_id,dx,dx_type,age,sex,localization"
    rows = ["L1,I1,nv,histo,45.0,male,back", "L2,I2,nv,histo,,unknown,unknown"]
    write_table(tmp_path / METADATA, header, rows)

    assert read_patients(tmp_path) == {"I1": Patient(45.0, "male", "back"), "I2": Patient()}


def test_the_product_weighs_facts_in_as_the_measurement_does(trained: Path) -> None:
    card = read_card(trained / NAME)
    evidence, patient = Evidence.of(card.patient), Patient(age=70, sex="male", site="face")
    assert evidence is not None

    answer = Registry(trained)[NAME].predict(lesion_picture(seed=3), patient=patient)

    alone = np.array([list(answer.probabilities.values())])
    assert answer.with_patient is not None
    np.testing.assert_allclose(list(answer.with_patient.values()), weigh(evidence, alone, [patient])[0], atol=1e-6)
    assert answer.with_patient != answer.probabilities


def test_the_answer_of_the_photograph_alone_does_not_hang_on_the_patient(trained: Path) -> None:
    classifier = Registry(trained)[NAME]

    alone = classifier.predict(lesion_picture(seed=3))
    known = classifier.predict(lesion_picture(seed=3), patient=Patient(age=70))

    assert alone.with_patient is None
    assert (known.label, known.probabilities) == (alone.label, alone.probabilities)


def test_figures_of_folded_classes_are_not_weighed(trained: Path) -> None:
    photographs = [Photograph("I1", "L1", "benign", "test"), Photograph("I2", "L2", "malignant", "test")]
    predictions = Predictions.of(BINARY, photographs, np.array([[0.6, 0.4], [0.3, 0.7]]))

    assert with_patients(read_card(trained / NAME), predictions, {"I1": Patient(age=70)}) is None
