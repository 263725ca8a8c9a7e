from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as reference

from models.calibration import MOST_UNLIKELIER, fit_shift, fit_temperature, operating_points, unlikelihood
from models.evaluation.bootstrap import intervals, lesion_weights
from models.evaluation.metrics import confusion, decide, measure, reliability
from models.evaluation.ranking import Ranking
from models.evaluation.risk_coverage import accuracy_at
from models.evaluation.sample import Sample
from models.labels import BINARY, HAM7, Task
from models.serving import softmax

MALIGNANT = HAM7.malignant_indices
MEL, NV = HAM7.codes.index("mel"), HAM7.codes.index("nv")


@pytest.fixture
def sample() -> Sample:
    return random_sample(HAM7, 400)


def random_sample(task: Task, n: int, seed: int = 0, decimals: int = 3) -> Sample:
    """Labels and probabilities that agree somewhat; rounded, so that there are ties."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, len(task.codes), n)
    logits = rng.normal(size=(n, len(task.codes))) + 1.5 * np.eye(len(task.codes))[labels]
    return Sample.whole(task, labels, softmax(logits).round(decimals))


def one_hot(*predicted: int, classes: int = 7) -> np.ndarray:
    return np.eye(classes)[list(predicted)]


def overall(sample: Sample) -> dict[str, float]:
    return {name: float(values[0]) for name, values in measure(sample).overall.items()}


def of_classes(sample: Sample, name: str) -> np.ndarray:
    return measure(sample).per_class[name][0]


def test_figures_of_agreement_are_those_of_scikit_learn(sample):
    truth, called = sample.labels, sample.predicted

    found = overall(sample)

    assert found["accuracy"] == pytest.approx(reference.accuracy_score(truth, called))
    assert found["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(truth, called))
    assert found["macro_precision"] == pytest.approx(reference.precision_score(truth, called, average="macro"))
    assert found["macro_f1"] == pytest.approx(reference.f1_score(truth, called, average="macro"))
    assert found["weighted_f1"] == pytest.approx(reference.f1_score(truth, called, average="weighted"))
    assert np.array_equal(confusion(sample)[0], reference.confusion_matrix(truth, called))


def test_figures_of_each_class_are_those_of_scikit_learn(sample):
    precision, recall, f1, _ = reference.precision_recall_fscore_support(sample.labels, sample.predicted)

    assert of_classes(sample, "precision") == pytest.approx(precision)
    assert of_classes(sample, "recall") == pytest.approx(recall)
    assert of_classes(sample, "f1") == pytest.approx(f1)


def test_auc_is_that_of_scikit_learn_with_and_without_weights(sample):
    weights = np.random.default_rng(1).integers(0, 4, (3, len(sample.labels))).astype(float)

    found = Ranking.of(sample.malignancy, sample.malignant, weights).auc

    for auc, row in zip(found, weights, strict=True):
        expected = reference.roc_auc_score(sample.malignant, sample.malignancy, sample_weight=row)
        assert auc == pytest.approx(expected)


def test_macro_auc_is_the_mean_over_the_classes(sample):
    expected = [reference.roc_auc_score(sample.labels == c, sample.probabilities[:, c]) for c in range(7)]

    assert of_classes(sample, "auc") == pytest.approx(expected)
    assert overall(sample)["macro_auc"] == pytest.approx(np.mean(expected))


def test_points_of_the_roc_curve_are_those_of_scikit_learn(sample):
    false, true, _ = reference.roc_curve(sample.malignant, sample.malignancy, drop_intermediate=False)

    found = overall(sample)

    for percent in (90, 95):
        share = percent / 100
        assert found[f"sensitivity_at_{percent}_specificity"] == pytest.approx(true[1 - false >= share - 1e-9].max())
        assert found[f"specificity_at_{percent}_sensitivity"] == pytest.approx((1 - false)[true >= share - 1e-9].max())


def test_a_weight_counts_a_photograph_as_often_as_repeating_it():
    small = random_sample(HAM7, 40, seed=2)
    counts = np.random.default_rng(3).integers(0, 3, 40)
    weighted = Sample(HAM7, small.labels, small.probabilities, counts[np.newaxis].astype(float))
    repeated = Sample.whole(HAM7, small.labels.repeat(counts), small.probabilities.repeat(counts, axis=0))

    assert overall(weighted) == pytest.approx(overall(repeated), nan_ok=True)


def test_four_photographs_worked_out_by_hand():
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]])

    found = overall(Sample.whole(BINARY, labels, probabilities))

    assert found["accuracy"] == 0.75
    assert found["malignant_auc"] == found["macro_auc"] == 1.0
    assert found["macro_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found["brier"] == pytest.approx(2 * (0.01 + 0.36 + 0.09 + 0.04) / 4)
    # bins (0.533, 0.6], (0.667, 0.733], (0.733, 0.8], (0.867, 0.933]: gaps 0.6, 0.3, 0.2, 0.1
    assert found["ece"] == pytest.approx((0.6 + 0.3 + 0.2 + 0.1) / 4)


def test_photographs_in_one_bin_are_averaged_before_they_are_compared():
    labels = np.array([1, 0])
    probabilities = np.array([[0.48, 0.52], [0.48, 0.52]])

    weight, confidence, hits = reliability(Sample.whole(BINARY, labels, probabilities))

    assert weight[0].max() == 2
    assert (confidence[0].max(), hits[0].max()) == (1.04, 1)
    assert overall(Sample.whole(BINARY, labels, probabilities))["ece"] == pytest.approx(0.02)


def test_a_tie_counts_half():
    ranking = Ranking.of(np.array([0.5, 0.5]), np.array([True, False]), np.ones((1, 2)))

    assert ranking.auc[0] == 0.5


def test_certainty_reaches_the_last_bin_and_the_bounds_of_the_scores():
    found = overall(Sample.whole(HAM7, np.array([MEL, NV]), one_hot(MEL, NV)))

    assert (found["accuracy"], found["ece"], found["brier"]) == (1, 0, 0)


def test_melanoma_recall_is_taken_where_95_percent_of_the_malignant_are_found():
    labels = np.array([0] * 19 + [MEL] + [NV] * 20)  # the melanoma is the malignant lesion that is missed
    malignancy = np.array([0.9] * 19 + [0.1] + [0.2] * 20)
    probabilities = np.zeros((40, 7))
    probabilities[:, 0], probabilities[:, NV] = malignancy, 1 - malignancy

    found = overall(Sample.whole(HAM7, labels, probabilities))

    assert found["melanoma_recall_at_95_sensitivity"] == 0
    assert found["specificity_at_95_sensitivity"] == 1


def test_an_absent_class_is_not_a_number_and_does_not_enter_the_means():
    labels = np.array([MEL, MEL, NV])
    found = Sample.whole(HAM7, labels, one_hot(MEL, NV, NV))

    assert math.isnan(of_classes(found, "recall")[0])
    assert math.isnan(of_classes(found, "f1")[0])
    assert math.isnan(of_classes(found, "auc")[0])
    assert overall(found)["balanced_accuracy"] == 0.75
    assert overall(found)["macro_auc"] == 0.75


def test_a_class_that_is_never_predicted_has_no_precision_and_counts_as_0_in_the_mean():
    found = Sample.whole(HAM7, np.array([MEL, NV]), one_hot(NV, NV))

    assert math.isnan(of_classes(found, "precision")[MEL])
    assert overall(found)["macro_precision"] == pytest.approx(0.25)


def test_one_side_alone_has_no_curve():
    found = overall(Sample.whole(HAM7, np.array([NV, NV]), one_hot(NV, MEL)))

    undefined = {name for name, value in found.items() if math.isnan(value)}
    assert undefined == {
        "macro_auc",
        "malignant_auc",
        "sensitivity_at_90_specificity",
        "sensitivity_at_95_specificity",
        "specificity_at_90_sensitivity",
        "specificity_at_95_sensitivity",
        "melanoma_recall_at_95_sensitivity",
    }


def test_the_binary_task_has_no_melanoma_figure():
    assert not [name for name in overall(random_sample(BINARY, 20)) if "melanoma" in name]


def test_a_decision_counts_malignancy_at_the_threshold_as_malignant():
    labels = np.array([MEL, 0, NV, NV])
    probabilities = np.zeros((4, 7))
    probabilities[:, MEL] = [0.5, 0.4, 0.5, 0.1]
    probabilities[:, NV] = 1 - probabilities[:, MEL]

    found = decide(Sample.whole(HAM7, labels, probabilities), 0.5)

    assert {name: value[0] for name, value in found.items()} == {
        "sensitivity": 0.5,
        "specificity": 0.5,
        "melanoma_recall": 1.0,
    }


def test_a_lesions_photographs_are_drawn_together():
    lesions = ["a", "b", "a", "c", "b", "a"]

    weights = lesion_weights(lesions, resamples=50)

    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.array_equal(weights[:, 0], weights[:, 5])
    assert np.array_equal(weights[:, 1], weights[:, 4])
    assert np.array_equal(weights[:, [0, 1, 3]].sum(axis=1), np.full(50, 3))
    assert len(np.unique(weights[:, 0])) > 1


def test_the_same_seed_draws_the_same_lesions():
    lesions = [str(i // 2) for i in range(20)]

    assert np.array_equal(lesion_weights(lesions, seed=4), lesion_weights(lesions, seed=4))
    assert not np.array_equal(lesion_weights(lesions, seed=4), lesion_weights(lesions, seed=5))


def test_repeating_photographs_of_a_lesion_does_not_narrow_the_interval():
    once = random_sample(HAM7, 60, seed=6)
    often = Sample.whole(HAM7, once.labels.repeat(4), once.probabilities.repeat(4, axis=0))
    lesions = np.array([str(i) for i in range(60)])

    narrow = intervals(often, [str(i) for i in range(240)], lambda s: measure(s).overall)["accuracy"]
    honest = intervals(often, lesions.repeat(4).tolist(), lambda s: measure(s).overall)["accuracy"]
    alone = intervals(once, lesions.tolist(), lambda s: measure(s).overall)["accuracy"]

    assert honest == alone
    assert narrow.high - narrow.low < 0.7 * (alone.high - alone.low)


def test_an_interval_holds_the_figure_and_is_as_wide_as_theory_says():
    sample = random_sample(HAM7, 1000, seed=7)

    found = intervals(sample, [str(i) for i in range(1000)], lambda s: measure(s).overall)["accuracy"]

    expected = 2 * 1.96 * math.sqrt(found.value * (1 - found.value) / 1000)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(expected, rel=0.1)


def test_a_figure_that_is_not_defined_has_no_interval():
    sample = Sample.whole(HAM7, np.array([NV, NV]), one_hot(NV, NV))

    assert intervals(sample, ["a", "b"], lambda s: measure(s).overall)["malignant_auc"] is None


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_recovered(temperature):
    rng = np.random.default_rng(8)
    honest = rng.normal(size=(20000, 7)) * 2
    labels = (softmax(honest).cumsum(axis=1) < rng.random((20000, 1))).sum(axis=1).clip(0, 6)

    found = fit_temperature((honest * temperature).astype(np.float32), labels)

    assert found == pytest.approx(temperature, rel=0.05)


def test_a_temperature_stays_within_bounds_when_every_answer_is_right():
    assert fit_temperature(one_hot(0, 1, 2).astype(np.float32), np.array([0, 1, 2])) == pytest.approx(0.05)


def test_rare_classes_are_favoured_as_far_as_the_likelihood_hardly_suffers():
    rng = np.random.default_rng(10)
    log_prior = np.log([0.9, 0.1])
    labels = (rng.random(5000) < 0.1).astype(int)
    logits = (log_prior + rng.normal(size=(5000, 2)) + 2 * np.eye(2)[labels]).astype(np.float32)

    shift, temperature = fit_shift(logits, labels, log_prior)

    plain = softmax(logits, fit_temperature(logits, labels))
    shifted = softmax(logits, temperature, shift)
    recall = [(answers.argmax(axis=1) == 1)[labels == 1].mean() for answers in (plain, shifted)]
    assert recall[1] > recall[0]
    assert unlikelihood(shifted, labels) <= unlikelihood(plain, labels) * (1 + 2 * MOST_UNLIKELIER)


def test_operating_points_reach_what_they_promise_and_no_less_would_do():
    sample = random_sample(HAM7, 500, seed=9)

    points = operating_points(sample.malignant, sample.malignancy)

    for name, threshold in points.items():
        side, _, percent = name.partition("_")
        reached = {n: v[0] for n, v in decide(sample, threshold).items()}[side]
        stricter = np.nextafter(threshold, 2) if side == "sensitivity" else np.nextafter(threshold, -1)
        missed = {n: v[0] for n, v in decide(sample, stricter).items()}[side]
        assert reached >= int(percent) / 100 > missed


def test_nine_of_ten_are_enough_for_90_percent():
    malignant = np.array([True] * 10 + [False] * 10)
    malignancy = np.concatenate([np.arange(10) / 10 + 0.05, np.arange(10) / 10])

    points = operating_points(malignant, malignancy)

    assert points["sensitivity_90"] == pytest.approx(0.15)
    assert 0.8 < points["specificity_90"] < 0.9


def test_operating_points_need_both_sides():
    with pytest.raises(ValueError, match="both malignant and benign"):
        operating_points(np.array([True, True]), np.array([0.1, 0.2]))


def test_the_surest_answers_are_answered_first():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.55, 0.45], [0.3, 0.7]])
    some = Sample.whole(
        BINARY, np.array([0, 1, 1, 1, 1]), probabilities
    )  # surest first: right, right, right, wrong twice

    assert [accuracy_at(some, share)[0] for share in (0.6, 0.8, 1.0)] == pytest.approx([1, 3 / 4, 3 / 5])
    assert accuracy_at(some, 0.7)[0] == pytest.approx(3 / 3.5)
    assert overall(some)["aurc"] == pytest.approx((0 + 0 + 0 + 1 / 4 + 2 / 5) / 5)


def test_of_equally_sure_answers_none_is_the_surer_one():
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.7, 0.3], [0.7, 0.3]])
    some = Sample.whole(BINARY, np.array([0, 0, 1, 1]), probabilities)
    turned = Sample.whole(BINARY, some.labels[::-1], probabilities[::-1])

    assert accuracy_at(some, 0.5) == accuracy_at(turned, 0.5) == pytest.approx((1 + 1 / 3) / 2)
    assert overall(some)["aurc"] == overall(turned)["aurc"]


def test_answering_everything_is_plain_accuracy(sample):
    assert accuracy_at(sample, 1.0)[0] == pytest.approx(overall(sample)["accuracy"])
