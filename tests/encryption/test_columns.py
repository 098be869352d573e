"""Tables encrypted cell by cell, and the attacks that count."""

import itertools
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import encryption
from helpers.encryption import data

KEY = bytes(range(32))

VALUES = st.one_of(st.text(max_size=8), st.integers(-100, 100), st.none(), st.just(float("nan")))
COLUMNS = st.lists(VALUES, max_size=40)
NUMBERS = st.lists(st.one_of(st.integers(-50, 50), st.none()), max_size=40)


def plain(column):
    return [None if value is None or value != value else value for value in column]


def test_deterministic_cells_are_aes_siv():
    # RFC 5297 defines the cipher; the wheel under it passes its vectors. Here: one byte in front, nothing else.
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    (cell,) = encryption.encrypt_column(["Zoë"], KEY, "deterministic")
    assert AESSIV(KEY).decrypt(bytes.fromhex(cell), None) == b"v" + "Zoë".encode()


def test_randomised_cells_are_aes_gcm():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    (cell,) = encryption.encrypt_column(["Zoë"], KEY, "randomised")
    cell = bytes.fromhex(cell)
    assert AESGCM(KEY).decrypt(cell[:12], cell[12:], None) == b"v" + "Zoë".encode()


@given(COLUMNS)
@settings(deadline=None)
def test_deterministic_cells_are_equal_where_values_are(column):
    cells = encryption.encrypt_column(column, KEY, "deterministic")
    texts = [value if value is None else str(value) for value in plain(column)]
    for (one, a), (other, b) in itertools.combinations(zip(texts, cells, strict=True), 2):
        assert (one == other) == (a == b)


@given(COLUMNS)
@settings(deadline=None)
def test_randomised_cells_never_repeat(column):
    cells = [cell for cell in encryption.encrypt_column(column, KEY, "randomised") if cell is not None]
    assert len(set(cells)) == len(cells) == sum(value is not None for value in plain(column))


@given(NUMBERS)
@settings(deadline=None)
def test_ordered_cells_keep_order_and_nothing_is_lost(column):
    cells = encryption.encrypt_column(column, KEY, "order-preserving")
    for (one, a), (other, b) in itertools.combinations(zip(column, cells, strict=True), 2):
        if one is not None and other is not None:
            assert (one < other) == (a < b)
    assert [cell is None for cell in cells] == [value is None for value in column]


def test_gaps_of_the_order_depend_on_the_key():
    one, other = (encryption.encrypt_column(range(20), key, "order-preserving") for key in (KEY, KEY[::-1]))
    assert one != other and np.argsort(one).tolist() == np.argsort(other).tolist() == list(range(20))


@pytest.mark.parametrize(
    ("key", "scheme", "hint"),
    [
        (bytes(16), "deterministic", "32 bytes, but 16"),
        (KEY, "secret", "'deterministic', 'order-preserving', 'randomised', but the text 'secret'"),
    ],
)
def test_encrypt_column_says_what_is_wrong(key, scheme, hint):
    with pytest.raises(ValueError, match=hint):
        encryption.encrypt_column([1, 7], key, scheme)


@given(COLUMNS)
def test_shares_add_up_and_begin_with_the_commonest(column):
    shares = encryption.shares(column)
    filled = [value for value in plain(column) if value is not None]
    assert set(shares) == set(filled)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert math.isclose(sum(shares.values()), 1) if filled else shares == {}


@pytest.mark.parametrize("dtype", [object, "str", "category"])
def test_shares_of_any_column_of_texts(dtype):
    column = pd.Series(["b", "a", None, "b"], dtype=dtype)
    if dtype == "str":
        column = column.where(pd.Series(["b", "a", None, "b"], dtype=object).notna())
    assert encryption.shares(column) == {"b": 2 / 3, "a": 1 / 3}


def test_frequency_matching_by_hand():
    guesses = encryption.match_by_frequency(["x", "y", None, "x", "z"], ["flu", "flu", "burn"])
    # z is in excess of the known values: it gets the commonest.
    assert guesses == ["flu", "burn", None, "flu", "flu"]


@given(st.permutations([10, 7, 4, 2, 1]))
def test_frequency_matching_is_exact_where_the_statistics_are(counts):
    truth = [f"cause {i}" for i, n in enumerate(counts) for _ in range(n)]
    cells = encryption.encrypt_column(truth, KEY, "deterministic")
    assert encryption.recovered(encryption.match_by_frequency(cells, truth), truth) == (1, 1)


@given(COLUMNS, COLUMNS)
@settings(deadline=None)
def test_attacks_guess_known_values_for_filled_cells_only(column, known):
    cells = encryption.encrypt_column(column, KEY, "deterministic")
    values = {value for value in plain(known) if value is not None}
    for attack in (encryption.match_by_frequency, encryption.guess_commonest):
        if not values:
            with pytest.raises(ValueError, match="auxiliary data holds no value"):
                attack(cells, known)
            continue
        guesses = attack(cells, known)
        assert [guess is None for guess in guesses] == [cell is None for cell in cells]
        assert {guess for guess in guesses if guess is not None} <= values


@given(NUMBERS, NUMBERS.filter(lambda known: any(value is not None for value in known)))
@settings(deadline=None)
def test_the_cumulative_attack_gives_each_ciphertext_one_known_value(column, known):
    cells = encryption.encrypt_column(column, KEY, "order-preserving")
    guesses = encryption.match_by_order(cells, known)
    assert [guess is None for guess in guesses] == [cell is None for cell in cells]
    assert {guess for guess in guesses if guess is not None} <= set(known)
    by_cell = {cell: guess for cell, guess in zip(cells, guesses, strict=True)}
    assert guesses == [by_cell[cell] for cell in cells]


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60))
@settings(deadline=None)
def test_the_cumulative_attack_is_exact_where_the_statistics_are(ages):
    cells = encryption.encrypt_column(ages, KEY, "order-preserving")
    assert encryption.match_by_order(cells, ages) == ages


def test_a_column_with_one_value_is_read_by_anybody():
    cells = encryption.encrypt_column(["F"] * 5, KEY, "randomised")
    for attack in (encryption.match_by_frequency, encryption.guess_commonest):
        assert encryption.recovered(attack(cells, ["F"]), ["F"] * 5) == (1, 1)


def test_values_that_the_statistics_lack_are_never_guessed():
    truth = ["flu"] * 3 + ["new"] * 2
    guesses = encryption.match_by_frequency(encryption.encrypt_column(truth, KEY, "deterministic"), ["flu"])
    assert encryption.recovered(guesses, truth) == (0.6, 0.5)


def test_a_keyed_pseudonym_is_hmac():
    # RFC 4231, test case 1.
    assert encryption.keyed_pseudonym("Hi There", b"\x0b" * 20) == "b0344c61d8db3853"
    assert encryption.keyed_pseudonym("a", KEY) == encryption.keyed_pseudonym("a", KEY)
    assert encryption.keyed_pseudonym("a", KEY) != encryption.keyed_pseudonym("a", KEY[::-1])
    assert encryption.keyed_pseudonym(70, KEY) == encryption.keyed_pseudonym("70", KEY)
    with pytest.raises(ValueError, match="at least 16 bytes, but has 3"):
        encryption.keyed_pseudonym("a", b"key")


def test_recovered_counts_rows_and_values():
    assert encryption.recovered(["a", "a", "b", None], ["a", "b", "b", None]) == (2 / 3, 0.5)
    with pytest.raises(ValueError, match="2 guesses for 1 cells"):
        encryption.recovered(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="nothing to recover"):
        encryption.recovered([None], [None])


def read(scheme, matching, first_year=1997):
    clinic = data.hospital(first_year)
    rows, blind = {}, {}
    for column, truth in clinic.table.items():
        cells, known = encryption.encrypt_column(truth, KEY, scheme), clinic.auxiliary[column]
        rows[column], _ = encryption.recovered(matching(cells, known), truth)
        blind[column], _ = encryption.recovered(encryption.guess_commonest(cells, known), truth)
    return rows, blind


def test_the_hospital_under_deterministic_encryption():
    rows, blind = read("deterministic", encryption.match_by_frequency)
    assert rows["sex"] == rows["age band"] == 1
    assert rows["admitted for"] > 0.7 and blind["admitted for"] < 0.32
    assert rows["chain group"] < 0.12  # ten groups of one size: chance


def test_other_years_are_not_read_as_well():
    rows, blind = read("deterministic", encryption.match_by_frequency, 1998)
    assert blind["admitted for"] < rows["admitted for"] < 0.35


def test_the_hospital_under_randomised_encryption_is_the_baseline():
    rows, blind = read("randomised", encryption.match_by_frequency)
    assert all(abs(rows[column] - blind[column]) < 0.02 for column in rows)


@pytest.mark.parametrize(("scheme", "more"), [("deterministic", 17), ("randomised", 29)])
def test_cells_show_how_long_their_text_is(scheme, more):
    cells = encryption.encrypt_column(["", "Flu", "Zoë"], KEY, scheme)
    assert [len(cell) // 2 - more for cell in cells] == [0, 3, 4]  # ë takes two bytes
    assert encryption.ADDED[scheme] == more


def locked(table):
    cells = {name: encryption.encrypt_column(table[name], KEY, "deterministic") for name in table}
    return pd.DataFrame(cells, table.index, dtype=object)


def test_two_columns_together_by_hand():
    # Each column alone is even, so that counting is left to chance; "old" stands mostly beside "gout".
    known = pd.DataFrame([("old", "gout")] * 4 + [("old", "flu")] + [("young", "flu")] * 3, columns=["age", "cause"])
    cells = pd.DataFrame([("a", "x")] * 3 + [("b", "y")] * 4 + [("b", None), ("c", "x")], columns=["age", "cause"])
    read = encryption.match_together(cells.set_axis(range(9, 0, -1)), known)
    assert read["age"].tolist() == ["young"] * 3 + ["old"] * 5 + ["old"]  # c is in excess: the commonest
    assert read["cause"].tolist() == ["flu"] * 3 + ["gout"] * 4 + [None, "flu"]
    assert read.index.tolist() == list(range(9, 0, -1))


@given(st.permutations(range(12)), st.booleans())
@settings(deadline=None)
def test_two_columns_are_read_where_the_statistics_are_exact(counts, turned):
    pairs = [(f"a{i // 4}", i % 4) for i, count in enumerate(counts) for _ in range(1 + 3 * count**2)]
    truth = pd.DataFrame(pairs, columns=["one", "other"])[["other", "one"] if turned else ["one", "other"]]
    read = encryption.match_together(locked(truth), truth)
    assert Counter(map(tuple, read.values)) == Counter(map(tuple, truth.values))  # the counts all differ


def test_a_cell_missing_in_one_column_tells_about_the_other():
    known = pd.DataFrame({"age": ["old"] * 5 + ["young"] * 5, "cause": ["flu"] * 5 + [None] * 5})
    read = encryption.match_together(locked(known[::-1]), known)
    assert read["age"].tolist() == ["young"] * 5 + ["old"] * 5
    assert read["cause"].tolist() == [None] * 5 + ["flu"] * 5


def test_two_columns_with_too_many_values_are_refused():
    table = pd.DataFrame({"one": range(10), "other": range(10)})
    with pytest.raises(ValueError, match="Too many values to try: 10 in 'one', 10 in 'other'. At most 7 beside 40"):
        encryption.match_together(table, table)
    with pytest.raises(ValueError, match="must have two columns, but it has 3: one, other, more"):
        encryption.match_together(table.assign(more=1), table)
    with pytest.raises(ValueError, match="auxiliary has no column 'other'"):
        encryption.match_together(table[:2], table[["one"]])
    with pytest.raises(ValueError, match="auxiliary data holds no value"):
        encryption.match_together(table[:2], table[:2].assign(one=None))


@pytest.mark.parametrize("year", [1996, 1997, 1998, 1999])
def test_two_columns_are_read_in_every_large_cut(year):
    clinic, pair = data.hospital(year), ["age band", "admitted for"]
    read = encryption.match_together(locked(clinic.table[pair]), clinic.auxiliary)
    assert encryption.recovered(read["age band"], clinic.table["age band"])[0] > 0.999
    assert encryption.recovered(read["admitted for"], clinic.table["admitted for"])[0] > 0.85


def test_ages_by_order_and_by_frequency():
    registry = data.health_registry()
    odd = registry["person"] % 2 == 1
    ages, known = registry["age"][odd], registry["age"][~odd]
    cells = encryption.encrypt_column(ages, KEY, "order-preserving")
    assert encryption.recovered(encryption.match_by_order(cells, known), ages) == (1, 1)
    assert encryption.recovered(encryption.match_by_frequency(cells, known), ages)[0] < 0.05


def test_ordered_cells_of_the_hospital():
    rows, _ = read("order-preserving", encryption.match_by_order)
    assert rows["sex"] == rows["age band"] == 1 and rows["chain group"] > 0.9


def test_cells_are_matched_by_length_and_by_frequency_among_equal_lengths():
    known = ["ab"] * 3 + ["cd"] * 2 + ["efg"]
    truth = ["cd", "ab", "ab", "efg", "ab", "cd"]
    cells = encryption.encrypt_column(truth, KEY, "deterministic")
    assert encryption.match_by_length(cells, known, encryption.ADDED["deterministic"]) == truth
    cells = encryption.encrypt_column(truth, KEY, "randomised")
    guesses = encryption.match_by_length(cells, known, encryption.ADDED["randomised"])
    assert guesses == ["ab", "ab", "ab", "efg", "ab", "ab"]
    assert encryption.match_by_length(cells, known, 0) == [None] * 6  # no text has that length


@pytest.mark.parametrize(("year", "read", "blind"), [(1996, 0.45, 0.3), (1997, 0.5, 0.5)])
def test_empty_cells_tell_the_age(year, read, blind):
    clinic = data.hospital(year)
    guesses = ["50-59" if empty else "70-79" for empty in clinic.table["admitted for"].isna()]
    commonest = encryption.guess_commonest(clinic.table["age band"], clinic.auxiliary["age band"])
    by_gaps, by_guess = (encryption.recovered(some, clinic.table["age band"])[0] for some in (guesses, commonest))
    assert by_gaps > read and by_gaps > by_guess and by_guess < blind


def test_a_randomised_column_is_guessed_from_its_neighbour():
    clinic = data.hospital(1999)
    known = clinic.auxiliary.dropna().groupby("age band")["admitted for"].agg(lambda causes: causes.mode()[0])
    guesses = clinic.table["age band"].map(known)
    blind = encryption.guess_commonest(clinic.table["admitted for"], clinic.auxiliary["admitted for"])
    read, by_guess = (encryption.recovered(some, clinic.table["admitted for"])[0] for some in (guesses, blind))
    assert read > by_guess + 0.1
