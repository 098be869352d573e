"""Scoreboard-RH, what an attacker recalls, and when to claim."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import reidentification
from helpers.reidentification import data

quick = settings(max_examples=60, deadline=None)


def scoreboard_by_dictionaries(records, raters, known, dates):
    """Scoreboard-RH as published. records: from a user to a dictionary from film to (stars, day)."""
    scores = {}
    for user, record in records.items():
        scores[user] = 0.0
        for film, (stars, day) in known.items():
            if film in record:
                their_stars, their_day = record[film]
                fit = math.exp(-abs(stars - their_stars) / 1.5)
                if dates:
                    fit += math.exp(-abs(day - their_day) / 30)
                scores[user] += fit / math.log(max(raters[film], 2))
    return scores


def test_fast_and_plain_scoreboard_agree(films, ratings):
    records = {user: {} for user in ratings.users.tolist()}
    for user, film, stars, day in films[["user", "film", "stars", "day"]].itertuples(index=False):
        records[user][film] = (stars, day)
    raters = films["film"].value_counts().to_dict()
    random = np.random.default_rng(0)
    for user in random.permutation(len(ratings.users))[:25]:
        for days_off in (None, 14):
            memory = reidentification.recall(ratings, user, 8, random, days_off=days_off, wrong=2)
            days = memory.days if days_off else np.zeros(8)
            known = {f: (s, d) for f, s, d in zip(memory.films, memory.stars, days, strict=True)}
            plain = scoreboard_by_dictionaries(records, raters, known, dates=days_off is not None)
            fast = reidentification.scoreboard(ratings, *memory)
            assert list(plain) == ratings.users.tolist()
            assert np.allclose(fast, list(plain.values()), rtol=1e-12, atol=1e-12)


def small_ratings():
    rows = [
        ("a", 1, 5.0, 10),
        ("b", 1, 4.0, 40),
        ("b", 2, 3.0, 40),
        ("c", 3, 1.0, 0),
        ("a", 3, 1.0, 0),
        ("c", 1, 5.0, 0),
    ]
    return pd.DataFrame(rows, columns=["user", "film", "stars", "day"])


def test_a_score_worked_by_hand():
    index = reidentification.index_ratings(small_ratings())
    a, b, c = reidentification.scoreboard(index, [1, 2], [4.5, 3.0])
    weight = 1 / np.log(3)  # three rated film 1; film 2 has one rater, so log(2) is taken
    assert a == pytest.approx(weight * np.exp(-0.5 / 1.5)) and c == pytest.approx(a)
    assert b == pytest.approx(weight * np.exp(-0.5 / 1.5) + 1 / np.log(2))
    dated = reidentification.scoreboard(index, [1], [5.0], [10])
    assert dated[0] == pytest.approx(2 * weight) and dated[2] == pytest.approx(weight * (1 + np.exp(-1 / 3)))


@quick
@given(st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_rows_or_films(random):
    table, known = small_ratings(), [(1, 4.5, 3), (2, 2.0, 50), (3, 1.5, 7)]
    expected = reidentification.scoreboard(reidentification.index_ratings(table), *map(list, zip(*known, strict=True)))
    order = list(range(len(table)))
    random.shuffle(order)
    random.shuffle(known)
    index = reidentification.index_ratings(table.iloc[order])
    assert np.allclose(reidentification.scoreboard(index, *map(list, zip(*known, strict=True))), expected)


def test_an_unknown_film_adds_nothing():
    index = reidentification.index_ratings(small_ratings())
    assert np.array_equal(
        reidentification.scoreboard(index, [1, 99], [5, 5]), reidentification.scoreboard(index, [1], [5])
    )
    nobody = reidentification.scoreboard(index, [99], [5])
    assert not nobody.any() and reidentification.eccentricity(nobody) == 0


@pytest.mark.parametrize(
    ("films", "stars", "days", "words"),
    [
        ([], [], None, "Nothing is known"),
        ([1, 1], [3, 3], None, "given twice"),
        ([1], [3, 3], None, r"stars must have shape \(1,\)"),
        ([1], [3], [1, 2], r"days must have shape \(1,\)"),
        ([1], [0], None, "stars must lie from 0.5 to 5, but run from 0 to 0"),
        ([1], [5.5], None, "from 5.5 to 5.5"),
        ([1], [np.nan], None, "Some of stars are missing"),
        ([1], [3], [np.nan], "Some of days are missing"),
    ],
)
def test_bad_knowledge(films, stars, days, words):
    with pytest.raises(ValueError, match=words):
        reidentification.scoreboard(reidentification.index_ratings(small_ratings()), films, stars, days)


def test_bad_ratings():
    table = small_ratings()
    with pytest.raises(ValueError, match="rated a film twice"):
        reidentification.index_ratings(pd.concat([table, table[:1]]))
    with pytest.raises(ValueError, match="stars must lie from 0.5 to 5"):
        reidentification.index_ratings(table.assign(stars=6))
    with pytest.raises(ValueError, match="dropna"):
        reidentification.index_ratings(table.assign(day=[1.0, None, 1, 1, 1, 1]))
    with pytest.raises(ValueError, match="no column 'day'"):
        reidentification.index_ratings(table.drop(columns="day"))


def test_how_far_the_best_stands_out():
    assert reidentification.eccentricity([0, 0, 0, 10]) >= 1.5
    assert reidentification.eccentricity([9.9, 0, 0, 10]) < 1.5  # two nearly equal
    assert reidentification.eccentricity([1, 1, 1]) == 0 and reidentification.eccentricity([5, 5, 0]) == 0  # ties
    assert reidentification.eccentricity([1, 2, 3]) > 0
    scores = [1.0, 4, 6]
    assert reidentification.eccentricity(scores) == pytest.approx(2 / np.std(scores))
    for bad in ([], [1], [1, np.nan], [[1, 2]]):
        with pytest.raises(ValueError):
            reidentification.eccentricity(bad)


def test_what_is_recalled_is_nearly_right(ratings):
    random = np.random.default_rng(0)
    films, stars, days = reidentification.recall(ratings, 0, 12, random, stars_off=1, days_off=14)
    truth = {film: (s, d) for film, s, d in [(f, s, np.datetime64(d).astype(int)) for f, s, d in data.IONA_RATINGS]}
    assert len(set(films)) == 12
    for film, s, d in zip(films, stars, days, strict=True):
        assert abs(truth[film][0] - s) <= 1 and abs(truth[film][1] - d) <= 14 and 0.5 <= s <= 5
    wrong = reidentification.recall(ratings, 0, 8, random, days_off=None, wrong=3)
    assert wrong.days is None and len(set(wrong.films)) == 8 and sum(f not in truth for f in wrong.films) == 3
    assert len(reidentification.recall(ratings, 0, 999, random).films) == len(truth)
    for n, amiss, words in ((0, 0, "n must be"), (3, 4, "wrong must be .* at most 3"), (3, -1, "wrong must be")):
        with pytest.raises(ValueError, match=words):
            reidentification.recall(ratings, 0, n, random, wrong=amiss)


def test_exact_knowledge_finds_everybody_and_the_absent_are_never_right(films, ratings):
    some = ratings.users[:40].tolist()
    exact = reidentification.trial(ratings, some, 10, stars_off=0, days_off=0)
    assert exact.right.all() and exact.named(0)["right"] == 1
    release = reidentification.index_ratings(films[~films["user"].isin(some)])
    absent = reidentification.trial(release, some, 8, source=ratings, days_off=None)
    assert not absent.right.any() and absent.named()["right"] == 0
    assert sum(absent.named().values()) == pytest.approx(1)
    with pytest.raises(ValueError, match="no user 99999"):
        reidentification.trial(ratings, [99999], 8)


def test_fit_worked_by_hand():
    index = reidentification.index_ratings(small_ratings())
    assert reidentification.fitting(index, [1, 2, 3], [4.5, 3.0, 5.0]).tolist() == [1, 2, 1]
    assert reidentification.fitting(index, [1, 3], [5.0, 1.0], [20, 5]).tolist() == [2, 0, 1]
    assert reidentification.fitting(index, [1], [4.0], stars_off=0).tolist() == [0, 1, 0]
    assert reidentification.fitting(index, [99], [4.0]).tolist() == [0, 0, 0]
    assert reidentification.fitting(index, [99], [4.0], [1]).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="Nothing is known"):
        reidentification.fitting(index, [], [])


def test_who_is_within_the_stated_error_always_fits(ratings):
    some = ratings.users[:60].tolist()
    for days_off in (None, 14):
        for wrong in (0, 2):
            tried = reidentification.trial(ratings, some, 8, days_off=days_off, wrong=wrong)
            own = tried.fits[np.arange(60), tried.place]
            assert (own == tried.known - wrong).all()
    assert not reidentification.trial(ratings, some, 8, days_off=None).named_by_fit()["wrong"]


def test_a_claim_by_fit_needs_exactly_one_who_fits():
    fits = np.array([[3, 1, 0], [3, 3, 0], [2, 2, 3], [1, 2, 2]])
    tried = reidentification.Trial(np.zeros(4), np.zeros(4, bool), fits, np.array([0, 0, -1, 1]), np.full(4, 3))
    assert tried.named_by_fit() == {"right": 0.25, "wrong": 0.25, "no claim": 0.5}
    assert tried.named_by_fit(2) == {"right": 0.25, "wrong": 0.0, "no claim": 0.75}


def test_fit_spares_the_absent_and_needs_a_true_error(films, ratings):
    targets = ratings.users[1:].tolist()
    here = np.random.default_rng(3).permutation(targets)[:335].tolist()
    gone = sorted(set(targets) - set(here))
    release = reidentification.index_ratings(films[films["user"].isin(here)])
    for days_off in (None, 14):
        present, absent = (
            reidentification.trial(release, some, 8, source=ratings, days_off=days_off) for some in (here, gone)
        )
        assert absent.named_by_fit()["wrong"] < 0.05 < 0.15 < absent.named()["wrong"]
        assert present.named_by_fit()["right"] > present.named()["right"]
        assert (absent.place == -1).all() and not absent.named_by_fit()["right"]
    sure = reidentification.trial(release, here, 8, source=ratings, days_off=None, believed=0.5)
    assert sure.named_by_fit()["right"] < 0.3


def test_wrong_films_fall_on_the_targets_own_days(ratings):
    random = np.random.default_rng(0)
    for user in range(1, 30):
        own = ratings.day[ratings.of_user[user]]
        memory = reidentification.recall(ratings, user, 8, random, days_off=0, wrong=4)
        assert set(memory.days) <= set(own) and len(set(memory.films)) == 8
