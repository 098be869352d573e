"""Groups of people who look alike, links, k-anonymity, and points on a map."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers import reidentification
from helpers.reidentification import anonymity, data

quick = settings(max_examples=60, deadline=None)
codes_tables = arrays.arrays(np.int64, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.integers(0, 6))


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


@quick
@given(codes_tables, st.integers(1, 60))
def test_every_class_has_k_people_and_nobody_is_lost(codes, k):
    if k > len(codes):
        with pytest.raises(ValueError, match="k must be a whole number at least 1 and at most"):
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
    half = anonymity._cut(np.array([[0.0], [0], [0], [1]]), np.arange(4), 1)
    assert [len(rows) for rows in half] == [3, 1]  # the median is the smallest value: those with it stay together
    assert anonymity._cut(np.zeros((4, 2)), np.arange(4), 1) is None


@pytest.mark.parametrize("k", [0, -1, 5])
def test_k_must_fit_the_table(k):
    with pytest.raises(ValueError, match="k must be a whole number at least 1 and at most 4, but"):
        reidentification.mondrian(np.arange(4)[:, None], k)


def test_mondrian_wants_a_table():
    for shape in ((0, 3), (3, 0), (3,)):
        with pytest.raises(ValueError, match=r"codes must have shape \(people, columns\)"):
            reidentification.mondrian(np.zeros(shape), 1)


def test_exposed_people_and_lost_detail():
    classes = np.array([0, 0, 1, 1, 1, 2])
    share = reidentification.answer_share(classes, list("aabab" + "c"))
    assert (share == 1).tolist() == [True] * 2 + [False] * 3 + [True]
    assert share[2:5] == pytest.approx(2 / 3)
    codes = np.array([[0, 5], [2, 5], [4, 5]])
    assert reidentification.loss_of_detail(codes, np.array([0, 1, 2])) == 0
    assert reidentification.loss_of_detail(codes, np.array([0, 0, 0])) == 0.5  # all of one column, none of the other
    assert reidentification.loss_of_detail(codes, np.array([0, 0, 1])) == pytest.approx(2 / 3 * 0.5 / 2)
    with pytest.raises(ValueError, match="each person needs both"):
        reidentification.answer_share(classes, ["a"])
    with pytest.raises(ValueError, match="each person needs both"):
        reidentification.loss_of_detail(codes, classes)


def test_singled_out_on_a_small_map():
    seen = pd.DataFrame({"phone": [0, 0, 1, 1], "hour": [0, 1, 0, 1], "x": [0, 0, 0, 5], "y": [0, 0, 0, 5]})
    assert reidentification.singled_out(seen, 2) == 1  # the second place differs
    assert reidentification.singled_out(seen, 2, km=8) == 0  # and no longer does
    assert reidentification.singled_out(seen, 1, hours=2) in (0, 0.5, 1)
    with pytest.raises(ValueError, match="points must be a whole number at least 1, but 0"):
        reidentification.singled_out(seen, 0)
    with pytest.raises(ValueError, match="no column 'y'"):
        reidentification.singled_out(seen.drop(columns="y"), 1)


def test_more_points_single_out_more_and_coarser_ones_fewer():
    seen = data.phones(300, days=14)
    shares = [reidentification.singled_out(seen, n) for n in (1, 2, 4)]
    assert shares == sorted(shares) and shares[-1] > 0.9
    assert reidentification.singled_out(seen, 4, km=16, hours=16) < shares[-1]
