import dataclasses

import pytest

from app.results.operating_points import referral
from models.labels import BINARY
from tests.fakes import CARD
from tests.unit.test_report_content import an_analysis

HELD_OUT = CARD.metrics["ham7-grouped"]


def a_card(**figures):
    return dataclasses.replace(CARD, metrics={"ham7-grouped": {**HELD_OUT, **figures}})


def settings_of(card=CARD, prevalence=None, **columns):
    found = referral(an_analysis(**columns), card, prevalence)
    assert found is not None
    return found.settings


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("malignancy", "calls"),
    [
        (0.1199, ["not referred", "not referred"]),
        (0.12, ["refer", "not referred"]),  # at the threshold counts as malignant, as it was measured
        (0.3, ["refer", "refer"]),
    ],
)
def test_each_setting_compares_the_malignancy_with_its_own_threshold(malignancy, calls):
    settings = settings_of(malignancy=malignancy)

    assert [setting.call for setting in settings] == calls
    assert plain(settings[0].sentence) == f"At the 95 %-sensitivity setting this is: {calls[0]}"
    assert plain(settings[1].sentence) == f"At the 90 %-sensitivity setting this is: {calls[1]}"


def test_beside_a_setting_stand_its_measured_figures_with_their_intervals():
    careful, _ = settings_of()

    assert plain(careful.sensitivity) == "96 % (93 % to 98 %)"
    assert plain(careful.specificity) == "73 % (70 % to 76 %)"


@pytest.mark.parametrize(
    ("prevalence", "ppv", "npv"),
    [(None, "47 %", "99 %"), (0.01, "3 %", "> 99 %"), (0.5, "78 %", "95 %")],
)
def test_predictive_values_depend_on_the_prevalence(prevalence, ppv, npv):
    careful, _ = settings_of(prevalence=prevalence)

    assert (plain(careful.ppv), plain(careful.npv)) == (ppv, npv)


def test_it_says_for_whom_predictive_values_hold():
    unset, clinic = (referral(an_analysis(), CARD, prevalence) for prevalence in (None, 0.02))

    assert "where 20 % of the lesions photographed are malignant, as in the test photographs" in plain(unset.prevalence)
    assert "LENTIGO_PREVALENCE" in unset.prevalence
    assert "for this clinic, where 2 % of" in plain(clinic.prevalence)


@pytest.mark.parametrize("figures", [{"operating_points": {}}, {"lesions_learned_from": 97}, {"per_class": {}}])
def test_what_was_not_measured_on_unseen_lesions_is_said_to_be_so(figures):
    careful, _ = settings_of(a_card(**figures))

    assert careful.refer
    assert careful.ppv == careful.npv == "not measured"
    assert (careful.sensitivity == "not measured") == ("per_class" not in figures)


@pytest.mark.parametrize(
    ("card", "columns"),
    [(None, {}), (dataclasses.replace(CARD, operating_points={}), {}), (CARD, {"accepted": False})],
)
def test_nothing_is_referred_without_thresholds_or_without_an_answer(card, columns):
    assert referral(an_analysis(**columns), card, None) is None


def test_of_two_classes_the_malignant_ones_share_is_the_prevalence():
    card = dataclasses.replace(
        CARD,
        name="alexnet-binary",
        classes=BINARY.codes,
        training={"split": "binary-grouped"},
        metrics={"binary-grouped": {**HELD_OUT, "per_class": {"benign": {"n": 360}, "malignant": {"n": 240}}}},
    )

    found = referral(an_analysis(model_name=card.name), card, None)

    assert "where 40 % of" in plain(found.prevalence)
