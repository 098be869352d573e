"""The console, and reconstruction from counts."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import reidentification

quick = settings(max_examples=60, deadline=None)


def test_the_console_counts_and_refuses(town):
    console = reidentification.Console(town, minimum=100)
    in_debt = town["in_debt"]
    assert console.count({}) == 20_000 and console.count({"in_debt": True}) == in_debt.sum()
    iona = {"zip": "00102", "sex": "woman", "born": "1962-04-09"}
    assert console.count(iona) is None and console.count({"zip": "nowhere"}) is None
    assert console.count({"in_debt": True}, but_not=iona) == in_debt.sum() - 1
    assert console.count({"in_debt": False}, but_not=iona) == (~in_debt).sum()
    born = (town["born"] >= "1970-01-01") & (town["born"] <= "1979-12-31")
    assert console.count({"born": ("1970-01-01", "1979-12-31")}) == born.sum()
    assert reidentification.Console(town, rounded_to=5).count({"in_debt": True}) % 5 == 0


def test_counts_just_below_and_at_the_minimum():
    table = pd.DataFrame({"a": ["x"] * 99 + ["y"] * 100 + [None] * 100, "n": [1.0] * 298 + [np.nan]})
    console = reidentification.Console(table, minimum=100)
    assert console.count({"a": "x"}) is None and console.count({"a": "y"}) == 100
    assert console.count({"n": 1.0}) == 298 and console.count({"n": (0, 2)}) == 298  # a missing value fits nothing


def test_the_office_sees_who_fits(town):
    console = reidentification.Console(town)
    iona = {"zip": "00102", "sex": "woman", "born": "1962-04-09"}
    assert np.flatnonzero(console.fits(iona)).tolist() == [0] and console.fits({}).all()
    assert not console.fits({"zip": "nowhere"}).any()
    with pytest.raises(ValueError, match="no column 'income'"):
        console.fits({"income": 3})


def test_bad_questions(town):
    console = reidentification.Console(town, leave_out=False)
    with pytest.raises(ValueError, match="no column 'income'. There are: name, zip"):
        console.count({"income": 3})
    with pytest.raises(ValueError, match="no but_not"):
        console.count({"in_debt": True}, but_not={"zip": "00102"})
    for question in ({"zip": 102}, {"in_debt": "yes"}, {"born": (1, 2)}, {"zip": None}):
        with pytest.raises(ValueError, match="of another kind"):
            console.count(question)
    with pytest.raises(ValueError, match="no rows"):
        reidentification.Console(town[:0])


def test_rounding_makes_differencing_longer_and_does_not_stop_it(town):
    console = reidentification.Console(town.drop(columns="name"), rounded_to=5)
    keys, traits = ["zip", "sex", "born"], ("zip", "sex", "job", "home")
    groups = [group for n in range(5) for group in itertools.combinations(traits, n)]
    lone = np.flatnonzero((reidentification.group_sizes(town, keys) == 1) & town["in_debt"])
    told = []
    for _, person in town.iloc[np.random.default_rng(0).permutation(lone)[:60]].iterrows():
        asked = [{"in_debt": True} | person[list(group)].to_dict() for group in groups]
        pairs = [(console.count(where), console.count(where, but_not=person[keys].to_dict())) for where in asked]
        told.append([None not in pair and pair[0] > pair[1] for pair in pairs])
    assert 0 < np.mean(told) < 0.3 and np.any(told, axis=1).mean() > 2 / 3


@quick
@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_without_noise_reconstruction_is_exact(n, seed):
    random = np.random.default_rng(seed)
    secret = random.random(n) < 0.5
    queries = np.vstack([np.eye(n), random.integers(0, 2, (n, n))])
    assert np.array_equal(reidentification.reconstruct(queries, queries @ secret), secret)


def test_many_noisy_counts_beat_the_guess():
    random = np.random.default_rng(0)
    secret = random.random(60) < 0.3
    queries = random.integers(0, 2, (240, 60)).astype(float)
    answers = queries @ secret + 0.25 * np.sqrt(60) * random.normal(size=240)
    assert (
        np.mean(reidentification.reconstruct(queries, answers) == secret) > max(secret.mean(), 1 - secret.mean()) + 0.1
    )


def test_bad_queries():
    for attack in (reidentification.reconstruct, lambda *these: reidentification.penalised_least_squares(*these, 0, 1)):
        for queries, answers, words in (
            (np.eye(3), [1, 2], r"answers must have shape \(3,\)"),
            (np.ones(3), [1, 2, 3], r"queries must have shape \(m, n\)"),
            (np.ones((0, 3)), [], r"queries must have shape \(m, n\)"),
            (np.eye(2), [1, np.nan], "answers are missing or infinite"),
            (2 * np.eye(2), [1, 1], "queries must lie from 0 to 1"),
        ):
            with pytest.raises(ValueError, match=words):
                attack(queries, answers)
    with pytest.raises(ValueError, match="penalty must be a finite number above 0"):
        reidentification.penalised_least_squares(np.eye(2), [1, 1], 0.2, 0)
