"""The Laplace mechanism, and the attacker who knows of it."""

import math

import numpy as np
import pytest
from laplace import fits_laplace

from helpers import defences, reidentification


@pytest.mark.parametrize(("epsilon", "sensitivity"), [(1.0, 1), (0.5, 8), (4.0, 100)])
def test_the_noise_is_laplace_of_the_right_scale_and_the_test_would_see_another(epsilon, sensitivity):
    random = np.random.default_rng(0)
    noise = defences.laplace_mechanism(np.full(20_000, 7.0), epsilon, sensitivity, random) - 7
    scale = sensitivity / epsilon
    assert fits_laplace(noise, scale)
    for wrong in (scale / 2, 2 * scale, 0.9 * scale):
        assert not fits_laplace(noise, wrong)
    assert not fits_laplace(random.normal(scale=math.sqrt(2) * scale, size=20_000), scale)


def empirical_epsilon(epsilon, scale_factor=1.0, n=400_000):
    """The largest log ratio of how often a count falls into a bin in two worlds that differ by one person."""
    random = np.random.default_rng(1)
    bins = np.linspace(-3, 4, 15)
    worlds = [
        np.histogram(defences.laplace_mechanism(np.full(n, answer), epsilon / scale_factor, 1, random), bins)[0]
        for answer in (0.0, 1.0)
    ]
    return np.abs(np.log(worlds[0] / worlds[1])).max()


def test_two_worlds_differ_by_epsilon_and_no_more():
    for epsilon in (0.5, 1.0):
        assert 0.9 * epsilon < empirical_epsilon(epsilon) < 1.1 * epsilon
    # With half the scale the ratio is twice as large: this test would fail.
    assert empirical_epsilon(1.0, scale_factor=0.5) > 1.8


def test_counts_get_noise_of_their_own():
    noise = defences.laplace_mechanism(np.zeros((200, 5)), 1, 1, np.random.default_rng(0))
    assert noise.shape == (200, 5) and np.abs(np.corrcoef(noise.T) - np.eye(5)).max() < 0.3


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_the_mechanism_refuses_a_bad_epsilon_or_sensitivity(bad):
    with pytest.raises(ValueError, match="epsilon must be a finite number above 0, but"):
        defences.laplace_mechanism([1], bad, 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="sensitivity must be a finite number above 0, but"):
        defences.laplace_mechanism([1], 1, bad, np.random.default_rng(0))


def test_strongest_belief():
    assert defences.strongest_belief(0.2, 0) == pytest.approx(0.2)
    assert defences.strongest_belief(0.2, math.log(4)) == pytest.approx(0.5)
    assert defences.strongest_belief(0.5, 1e9) == 1
    prior, epsilon = 0.3, 1.7
    after = defences.strongest_belief(prior, epsilon)
    assert after / (1 - after) == pytest.approx(math.exp(epsilon) * prior / (1 - prior))
    for bad in ((0, 1), (1, 1), (math.nan, 1), (0.5, -1)):
        with pytest.raises(ValueError, match="must"):
            defences.strongest_belief(*bad)


def test_expected_answers_are_the_posterior_mean_of_a_gaussian_model():
    random = np.random.default_rng(0)
    queries = random.integers(0, 2, (7, 4)).astype(float)
    answers, scale, prior = random.normal(size=7), 1.5, 0.3
    # The textbook's form, with the covariance of the counts instead of that of the people.
    spread = prior * (1 - prior) * queries @ queries.T + 2 * scale**2 * np.eye(7)
    away = answers - prior * queries.sum(axis=1)
    mean = prior + prior * (1 - prior) * queries.T @ np.linalg.solve(spread, away)
    assert np.allclose(defences.expected_answers(queries, answers, scale, prior), mean)
    for bad in ((-1, 0.2), (math.nan, 0.2), (1, 0), (1, 1)):
        with pytest.raises(
            ValueError, match="scale must be a finite number at least 0|prior must lie strictly between"
        ):
            defences.expected_answers(queries, answers, *bad)


def test_noisy_counts_are_attacked_with_little_noise_and_not_with_much():
    secret = (np.random.default_rng(1).random(100) < 0.2).astype(float)
    little, much = (defences.noisy_counts_trial(secret, 400, epsilon, 0) for epsilon in (1e4, 1e-3))
    assert little["right"] == little["auc"] == 1 and little["error"] < 1 < little["useless"]
    assert much["right"] == 1 - secret.mean() and 0.3 < much["auc"] < 0.7 and much["error"] > 1e4
    assert little == defences.noisy_counts_trial(secret, 400, 1e4, 0)


@pytest.mark.parametrize("epsilon", [0.2, 1.0, 3.0])
def test_laplace_auc_is_what_a_trial_finds(epsilon):
    from sklearn.metrics import roc_auc_score

    answers = np.repeat([0.0, 1.0], 100_000)
    seen = defences.laplace_mechanism(answers, epsilon, 1, np.random.default_rng(0))
    assert roc_auc_score(answers, seen) == pytest.approx(defences.laplace_auc(epsilon), abs=0.005)
    assert defences.laplace_auc(0) == 0.5 and defences.laplace_auc(1000) == 1
    with pytest.raises(ValueError, match="at least 0"):
        defences.laplace_auc(-1)


def test_nobody_in_town_passes_one_half_up_to_what_the_notebook_says():
    debt = reidentification.data.town().groupby(["job", "home"])["in_debt"].mean()
    assert defences.strongest_belief(debt.max(), 0.9) < 0.5 < defences.strongest_belief(debt.max(), 1.0)


def trials(m, epsilon):
    """The mean of ten trials with the first 200 people of the town, and the guess "nobody is in debt"."""
    secret = reidentification.data.town()["in_debt"].to_numpy()[:200]
    ten = [defences.noisy_counts_trial(secret, m, epsilon, seed) for seed in range(10)]
    return {score: np.mean([one[score] for one in ten]) for score in ten[0]}, 1 - secret.mean()


def test_an_attack_at_the_guess_may_still_be_better_than_a_coin():
    found, guess = trials(800, 10)
    assert abs(found["right"] - guess) < 0.01 and found["auc"] > 0.52


def test_few_answers_protect_but_not_wholly():
    for epsilon in (1, 10, 1000):
        found, guess = trials(10, epsilon)
        assert abs(found["right"] - guess) < 0.015
        assert (found["error"] > found["useless"]) == (epsilon == 1)
        if epsilon >= 10:
            assert found["auc"] > 0.56 and found["error"] < 1.2


def test_the_best_attack_on_one_count_beats_the_guess_only_beyond_its_limit():
    town = reidentification.data.town()
    answer, rate = town["in_debt"].to_numpy(), town.groupby(["job", "home"])["in_debt"].transform("mean").to_numpy()
    for epsilon, says_debt in ((0.5, False), (0.9, False), (3.0, True)):
        left = defences.laplace_mechanism(answer, epsilon, 1, np.random.default_rng(1))
        says = epsilon * (np.abs(left) - np.abs(left - 1)) + np.log(rate / (1 - rate)) > 0
        assert says.any() == says_debt
    assert (says == answer).mean() > 1 - answer.mean() + 0.05
