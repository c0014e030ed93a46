from collections import Counter

import numpy as np
import pytest
from scipy import stats

from engine.evaluation.calibration import calibrate
from engine.evaluation.films import predictive_values
from engine.evaluation.statistics import (
    Estimate,
    bootstrap,
    bootstrap_weights,
    delong,
    holm,
    mcnemar,
    paired_bootstrap,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (71, 89, 70.3, 86.8),
        (126, 141, 83.2, 93.4),
        (70, 89, 69.0, 85.9),
        (115, 141, 74.4, 87.1),
        (59, 89, 56.0, 75.3),
    ],
)
def test_wilson_intervals_are_those_of_the_papers_counts(successes, n, low, high):
    found = wilson(successes, n)
    assert found.value == pytest.approx(successes / n)
    assert (100 * found.low, 100 * found.high) == pytest.approx((low, high), abs=0.05)
    assert found.n == n


@pytest.mark.parametrize(("successes", "n", "confidence"), [(0, 7, 0.95), (7, 7, 0.95), (3, 11, 0.9), (200, 211, 0.99)])
def test_wilson_is_that_of_scipy(successes, n, confidence):
    found = wilson(successes, n, confidence)
    expected = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_share_of_nothing_is_unknown_and_says_so():
    nothing = wilson(0, 0)
    assert np.isnan(nothing.value)
    assert (nothing.low, nothing.high, nothing.n) == (0, 1, 0)
    assert str(nothing) == "- (n = 0)"
    assert str(wilson(71, 89)) == "0.798 (0.703 to 0.868; n = 89)"


@pytest.mark.parametrize(("successes", "n"), [(-1, 4), (5, 4)])
def test_impossible_counts_are_refused(successes, n):
    with pytest.raises(ValueError, match="between 0 and n"):
        wilson(successes, n)


@pytest.mark.parametrize(("first", "second"), [(1, 5), (0, 8), (12, 12), (9, 15), (24, 0)])
def test_mcnemar_is_exact_for_few_discordant_pairs(first, second):
    expected = stats.binomtest(first, first + second, 0.5).pvalue
    assert mcnemar(first, second) == pytest.approx(expected)
    assert mcnemar(second, first) == pytest.approx(expected)


@pytest.mark.parametrize(("first", "second"), [(10, 15), (40, 20), (100, 160)])
def test_mcnemar_is_asymptotic_and_corrected_for_many(first, second):
    expected = stats.chi2.sf((abs(first - second) - 1) ** 2 / (first + second), 1)
    assert mcnemar(first, second) == pytest.approx(expected)
    assert mcnemar(first, second) == pytest.approx(stats.binomtest(first, first + second).pvalue, abs=0.02)


def test_models_that_never_differ_are_not_told_apart():
    assert mcnemar(0, 0) == 1
    assert mcnemar(30, 30) == pytest.approx(1, abs=0.11)


@pytest.mark.parametrize("seed", range(3))
def test_area_under_the_curve_is_the_share_of_pairs_in_order(seed):
    rng = np.random.default_rng(seed)
    truth = rng.random(60) < 0.4
    scores = np.round(rng.random(60) * 0.6 + 0.4 * truth * rng.random(60), 1)
    wins = [1.0 if hit > other else 0.5 if hit == other else 0.0 for hit in scores[truth] for other in scores[~truth]]
    found = delong(scores, truth)
    assert found.value == pytest.approx(np.mean(wins))
    assert found.low < found.value < found.high
    assert found.n == 60


def test_delongs_interval_is_the_one_by_hand():
    # Placements: 0.9 beats both of 0.8 and 0.1, 0.5 beats one of them; so V10 = 1, 0.5 and V01 = 0.5, 1.
    found = delong([0.9, 0.5, 0.8, 0.1], [True, True, False, False])
    half = 1.959964 * np.sqrt(0.125 / 2 + 0.125 / 2)
    assert found.value == 0.75
    assert found.low == pytest.approx(0.75 - half, abs=1e-6)
    assert found.high == 1


def test_delongs_interval_is_as_wide_as_resampling_makes_it():
    rng = np.random.default_rng(5)
    truth = np.repeat([True, False], (70, 141))
    scores = rng.normal(size=211) + 1.2 * truth
    drawn = [
        delong(np.concatenate([rng.choice(scores[:70], 70), rng.choice(scores[70:], 141)]), truth).value
        for _ in range(600)
    ]
    found = delong(scores, truth)
    assert (found.low, found.high) == pytest.approx(np.percentile(drawn, (2.5, 97.5)), abs=0.012)


def test_one_class_alone_has_no_area_and_one_case_no_interval():
    assert np.isnan(delong([0.1, 0.9], [True, True]).value)
    lone = delong([0.1, 0.9, 0.3], [False, True, False])
    assert (lone.value, lone.low, lone.high) == (1, 0, 1)


def test_bootstrap_keeps_patients_whole_and_strata_as_large_as_they_are():
    groups = ["anna", "anna", "bert", "carl", "carl", "carl", "dora", "emil"]
    strata = [True, True, True, False, False, False, False, False]
    weights = bootstrap_weights(groups, strata, 300, seed=1)
    assert weights.shape == (300, 8)
    for films in ((0, 1), (3, 4, 5)):
        assert all(np.array_equal(weights[:, films[0]], weights[:, film]) for film in films)
    patients = weights[:, [0, 2, 3, 6, 7]]
    assert np.all(patients[:, :2].sum(axis=1) == 2)
    assert np.all(patients[:, 2:].sum(axis=1) == 3)
    assert set(np.unique(patients)) == {0, 1, 2, 3}
    assert patients.mean(axis=0) == pytest.approx(np.ones(5), abs=0.15)


def test_a_patient_with_films_of_both_kinds_stays_whole():
    weights = bootstrap_weights(["anna", "anna", "bert", "carl"], [True, False, True, False], 100, seed=0)
    assert np.array_equal(weights[:, 0], weights[:, 1])
    assert np.all(weights[:, 0] + weights[:, 2] == 2)
    assert np.all(weights[:, 3] == 1)


def test_the_same_seed_draws_the_same_replicates():
    arguments = (["a", "b", "c", "d"], [0, 0, 1, 1], 50)
    assert np.array_equal(bootstrap_weights(*arguments, 3), bootstrap_weights(*arguments, 3))
    assert not np.array_equal(bootstrap_weights(*arguments, 3), bootstrap_weights(*arguments, 4))


def test_bootstrap_of_a_mean_has_the_width_that_theory_gives():
    values = np.random.default_rng(2).normal(5, 2, 200)
    weights = bootstrap_weights([str(at) for at in range(200)], [0] * 200, 2000, seed=0)
    found = bootstrap(float(values.mean()), lambda row: float(row @ values / row.sum()), weights, 200)
    half = 1.96 * values.std() / np.sqrt(200)
    assert found.value == values.mean()
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.05)


def test_replicates_that_have_no_value_are_left_out():
    weights = np.array([[1.0], [2.0], [3.0]])
    found = bootstrap(1.0, lambda row: float("nan") if row[0] == 2 else float(row[0]), weights, 1)
    assert (found.low, found.high) == pytest.approx((1.05, 2.95))
    nothing = bootstrap(1.0, lambda _row: float("nan"), weights, 1)
    assert nothing.value == 1
    assert np.isnan(nothing.low)
    assert np.isnan(nothing.high)


def test_holm_is_the_one_by_hand():
    # Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1, never falling: 0.02, 0.03, 0.06, 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.6, 0.7]) == (1, 1)
    assert holm([]) == ()


def test_paired_bootstrap_tells_a_better_model_from_an_equal_one():
    rng = np.random.default_rng(8)
    weights = bootstrap_weights([str(at) for at in range(120)], [0] * 120, 1000, seed=0)
    worse = rng.random(120)
    gap, p = paired_bootstrap(worse + 0.2 + rng.normal(0, 0.1, 120), worse, weights)
    assert gap.low < 0.2 < gap.high
    assert p == 0
    noise = rng.normal(0, 0.1, 120)
    gap, p = paired_bootstrap(worse + noise - noise.mean(), worse, weights)
    assert gap.value == pytest.approx(0, abs=1e-12)
    assert gap.low < 0 < gap.high
    assert p > 0.8


@pytest.mark.parametrize("prevalence", [0.02, 0.1, 0.33, 70 / 211])
def test_predictive_values_follow_from_bayes(prevalence):
    sensitivity, specificity, people = 0.8, 0.9, 1e6
    table = Counter(
        hit=people * prevalence * sensitivity, miss=people * prevalence * (1 - sensitivity),
        right=people * (1 - prevalence) * specificity, false=people * (1 - prevalence) * (1 - specificity),
    )  # fmt: skip
    ppv, npv = predictive_values(sensitivity, specificity, prevalence)
    assert ppv == pytest.approx(table["hit"] / (table["hit"] + table["false"]))
    assert npv == pytest.approx(table["right"] / (table["right"] + table["miss"]))


def test_a_rare_finding_makes_most_alarms_false():
    ppv, npv = predictive_values(0.80, 0.90, 0.02)
    assert ppv == pytest.approx(0.1404, abs=1e-4)
    assert npv == pytest.approx(0.9955, abs=1e-4)
    assert np.isnan(predictive_values(0.0, 1.0, 0.1)[0])


def test_calibration_of_a_small_example_is_the_one_by_hand():
    found = calibrate([0.2, 0.4, 0.6, 0.8], [0, 1, 1, 1], bins=2)
    assert found.bins == ((pytest.approx(0.3), 0.5, 2), (pytest.approx(0.7), 1.0, 2))
    assert found.error == pytest.approx((0.2 * 2 + 0.3 * 2) / 4)
    assert found.brier == pytest.approx((0.04 + 0.36 + 0.16 + 0.04) / 4)


def test_scores_that_are_right_as_often_as_they_say_are_calibrated():
    rng = np.random.default_rng(3)
    scores = rng.random(6000)
    found = calibrate(scores, rng.random(6000) < scores)
    assert len(found.bins) == 15
    assert {count for _score, _share, count in found.bins} == {400}
    assert found.error < 0.03
    assert calibrate(scores, rng.random(6000) < 0.5).error > 0.2
    assert np.isnan(calibrate([], []).error)


def test_an_estimate_prints_its_interval():
    assert str(Estimate(0.5, 0.25, 0.75, 12)) == "0.500 (0.250 to 0.750; n = 12)"
