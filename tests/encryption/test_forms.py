"""What lesson 1's functions are given, in every usual form: the result is that of the plain list."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import encryption
from helpers.encryption import figures

KEY = bytes(range(32))
ADDED = encryption.ADDED["deterministic"]
FILLED = {
    "texts": ["b", "Zoë", "", "b", "b", "Zoë"],
    "numbers": [30, 7, 41, 30, 30, 7],
    "fractions": [0.5, 2.0, -1.25, 0.5, 0.5, 2.0],
    "booleans": [True, False, True, True, False, True],
    "dates": list(pd.to_datetime(["2016-03-02", "2015-01-01", "2017-05-05", "2016-03-02", "2016-03-02", "2015-01-01"])),
}
COLUMNS = FILLED | {f"{kind} with a gap": [*values[:3], None, *values[3:]] for kind, values in FILLED.items()}


def forms(plain):
    """The list in every other form that holds the same values in the same order."""
    n, kept = len(plain), sorted({value for value in plain if value is not None}, reverse=True)
    series = pd.Series(plain, dtype=object)
    yield "tuple", tuple(plain)
    yield "iterator", iter(plain)
    yield "object array", series.to_numpy()
    yield "object", series
    yield "inferred", pd.Series(plain)
    yield "nullable", series.convert_dtypes()
    yield "category", series.astype(pd.CategoricalDtype(kept))
    yield "ordered category", series.astype(pd.CategoricalDtype(kept, ordered=True))
    yield "index reversed", pd.Series(plain, index=range(n)[::-1])
    yield "filtered", pd.Series([*plain, *plain], index=range(2 * n))[np.arange(2 * n) < n].rename("a name")
    yield "index twice the same", pd.Series(plain, index=[0] * n)
    yield "with NA", series.where(series.notna(), pd.NA)
    yield "with NaN", series.where(series.notna(), float("nan"))
    one = next(value for value in plain if value is not None)
    if isinstance(one, str):
        yield "string", pd.Series(plain, dtype="string")
        try:
            yield "Arrow", pd.Series(plain, dtype="string[pyarrow]")
        except ImportError:
            pass
    elif isinstance(one, pd.Timestamp):
        for unit in ("s", "ms", "ns"):
            yield unit, pd.Series(plain).astype(f"datetime64[{unit}]")
    elif not isinstance(one, bool):
        yield "floats", pd.Series(plain, dtype="Float64")
        yield "NumPy floats", np.array(plain, dtype=float)


CASES = [
    pytest.param(plain, form, id=f"{kind}: {name}") for kind, plain in COLUMNS.items() for name, form in forms(plain)
]


@pytest.mark.parametrize(("plain", "form"), CASES)
def test_a_column_in_every_form_gives_what_its_list_gives(plain, form):
    form = list(form) if hasattr(form, "__next__") else form
    cells, codes = (encryption.encrypt_column(plain, KEY, s) for s in ("deterministic", "order-preserving"))
    assert encryption.encrypt_column(form, KEY, "deterministic") == cells
    assert encryption.encrypt_column(form, KEY, "order-preserving") == codes
    assert [cell is None for cell in encryption.encrypt_column(form, KEY, "randomised")] == [c is None for c in cells]
    assert list(encryption.shares(form).items()) == list(encryption.shares(plain).items())
    assert encryption.match_by_frequency(cells, form) == encryption.match_by_frequency(cells, plain)
    assert encryption.match_by_length(cells, form, ADDED) == encryption.match_by_length(cells, plain, ADDED)
    assert encryption.match_by_order(codes, form) == plain
    assert encryption.guess_commonest(cells, form) == encryption.guess_commonest(cells, plain)
    assert encryption.recovered(form, plain) == encryption.recovered(plain, form) == (1, 1)


@pytest.mark.parametrize("kind", ["texts with a gap", "numbers with a gap"])
def test_cells_in_every_form_are_attacked_as_their_list_is(kind):
    known = COLUMNS[kind]
    cells, codes = (encryption.encrypt_column(known, KEY, s) for s in ("deterministic", "order-preserving"))
    for name, form in forms(cells):
        form = list(form)
        assert encryption.match_by_frequency(form, known) == encryption.match_by_frequency(cells, known), name
        assert encryption.match_by_length(form, known, ADDED) == encryption.match_by_length(cells, known, ADDED), name
        assert encryption.guess_commonest(form, known) == encryption.guess_commonest(cells, known), name
    for name, form in forms(codes):
        assert encryption.match_by_order(form, known) == known, name


@pytest.mark.parametrize("kind", COLUMNS)
def test_two_columns_in_every_form(kind):
    plain = COLUMNS[kind]
    known = pd.DataFrame({"a": plain, "b": ["x", "y", None, "z", "x", "x", "y"][: len(plain)]}, dtype=object)
    cells = known.map(lambda value: None if pd.isna(value) else f"c{value}")
    expected = encryption.match_together(cells, known)
    for name, form in forms(plain):
        if isinstance(form, pd.Series):
            read = encryption.match_together(cells, known.assign(a=form.set_axis(known.index), b=pd.array(known["b"])))
            pd.testing.assert_frame_equal(read, expected, obj=name)


def test_lengths_go_by_position_and_by_bytes():
    truth = pd.Series(["Flu", "Zoë", "Burns", "Flu", None])
    cells = pd.Series(encryption.encrypt_column(truth, KEY, "deterministic"), index=truth.index)
    for some in (slice(None), slice(None, None, -1), [3, 1]):
        read = encryption.match_by_length(cells[some], truth, ADDED)
        assert encryption.recovered(read, truth[some]) == (1, 1)
    assert encryption.match_by_length(encryption.encrypt_column([12, 345], KEY, "randomised"), [12, 345], 29) == [
        12,
        345,
    ]


def test_one_row_and_none():
    for scheme in encryption.SCHEMES:
        assert (
            encryption.encrypt_column([], KEY, scheme) == [] and len(encryption.encrypt_column(["a"], KEY, scheme)) == 1
        )
    assert encryption.shares(pd.Series([], dtype=object)) == {}
    attacks = (encryption.match_by_frequency, encryption.match_by_order, encryption.guess_commonest)
    assert [attack(["c"], ["a"]) for attack in attacks] == [["a"]] * 3
    assert [attack([], ["a"]) for attack in attacks] == [[]] * 3 and encryption.match_by_length([], ["a"], 0) == []


@pytest.mark.parametrize("value", [7, 7.0, np.int64(7), np.float32(7), "7", np.str_("7")])
def test_a_pseudonym_of_equal_values(value):
    assert encryption.keyed_pseudonym(value, KEY) == encryption.keyed_pseudonym("7", KEY)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_who_is_missing_has_no_pseudonym(missing):
    with pytest.raises(ValueError, match="needs a text, a number or a date, but .* was given"):
        encryption.keyed_pseudonym(missing, KEY)


def test_a_table_is_no_column():
    table = pd.DataFrame({"a": ["x"]})
    with pytest.raises(TypeError, match=r"Of a table give one column: table\[name\]"):
        encryption.encrypt_column(table[["a"]], KEY, "deterministic")


@pytest.mark.parametrize("as_form", [bytes, bytearray, memoryview, lambda text: np.frombuffer(text, np.uint8)])
def test_bytes_in_every_form(as_form):
    text, other = b"sixteen bytes ->" * 2, bytes(range(32))
    assert encryption.encrypt(as_form(text), as_form(KEY), "ECB") == encryption.encrypt(text, KEY, "ECB")
    assert encryption.repeated_share(as_form(text)) == 1
    assert encryption.apply_keystream(as_form(text), as_form(other)) == encryption.apply_keystream(text, other)
    sent = encryption.encrypt_with_one_nonce([text], KEY, bytes(16))
    assert encryption.encrypt_with_one_nonce((as_form(text),), as_form(KEY), as_form(bytes(16))) == sent
    language = encryption.learn_language([text], np.int64(4))
    assert (encryption.learn_language((as_form(text),)).logs == language.logs).all()
    assert (
        encryption.guess_keystream([as_form(sent[0])], language) == encryption.guess_keystream(sent, language)
    ).all()
    assert encryption.share_right([as_form(text)], np.array([text], object)) == 1


def test_a_text_is_no_list_of_texts():
    for function in (lambda text: encryption.encrypt_with_one_nonce(text, KEY, bytes(16)), encryption.learn_language):
        with pytest.raises(TypeError, match="texts must be a list or a column of values, but the text 'a text'"):
            function("a text")
    with pytest.raises(TypeError, match="patterns must be a list or a column of values, but the text '9X99'"):
        encryption.search_md5(["0" * 32], "9X99")
    with pytest.raises(TypeError, match="digests must be a list"):
        encryption.search_md5("0" * 32, ["9X99"])


def test_digests_in_every_form():
    digest = "71b9c3f3ee5efb81ca05e9b90c91c88f"
    for _, form in forms([digest, digest.upper(), digest]):
        assert encryption.search_md5(form, pd.Series(["9X99"])) == {digest: "9Y99"}
    with pytest.raises(TypeError, match="each of digests must be a text, but None was given"):
        encryption.search_md5([digest, None], ["9X99"])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64, torch.uint8, torch.int32])
def test_grey_levels_of_any_integer_type(dtype):
    picture = np.array([[0, 100], [200, 255]])
    given = torch.tensor(picture, dtype=dtype) if isinstance(dtype, torch.dtype) else picture.astype(dtype)
    assert encryption.in_grey_levels(given, 4).tolist() == [[0, 85], [255, 255]]
    assert encryption.in_grey_levels(given, 256).tolist() == picture.tolist()
    assert "ECB" in figures.cipher_pictures(given, {"ECB": bytes(4)}, "T").alt


@pytest.mark.parametrize(
    "picture", [np.full((2, 2), 0.5), np.full((2, 2), 65535), np.full((2, 2), -1), np.ones(2, bool)]
)
def test_other_pictures_are_refused(picture):
    with pytest.raises(ValueError, match="whole numbers from 0, black, to 255, but a ndarray of .* Multiply shares"):
        encryption.in_grey_levels(picture, 4)


@pytest.mark.parametrize(
    "as_form", [list, tuple, iter, np.array, pd.Series, lambda some: pd.Series(some, dtype="Int64")]
)
def test_lengths_in_every_form(as_form):
    lengths = [5, 7, 5, 9]
    assert encryption.given_away(as_form(lengths)) == 0.5 and encryption.named_right(as_form(lengths)) == 0.75
    assert encryption.named_right({"a": 5, "b": 7}.values()) == 1
    assert encryption.padme(np.int64(9)) == encryption.padme(9.0) == 10
    assert encryption.pad_to_multiple(torch.tensor(9), np.float64(4)) == 12


def test_long_texts_take_little_memory():
    texts = [np.random.default_rng(seed).bytes(10_000) for seed in (0, 1)]
    language = encryption.learn_language(["some text"])
    tracemalloc.start()
    stream = encryption.guess_keystream(texts, language)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(stream) == 10_000 and peak < 50e6


def test_figures_refuse_what_they_cannot_show():
    rates = {name: 1e6 for name in ("a", "b", "c", "d")}
    with pytest.raises(ValueError, match="can show 3 series .* but 4 were given: a, b, c, d"):
        figures.time_to_try(rates, "a", 10, "digits", 7)
    with pytest.raises(ValueError, match="equally long, 1 to 396 bytes, not 397, 397"):
        figures.surfacing(bytes(397), bytes(397), {"us": {2: 0.5}}, "us", 2)
    with pytest.raises(ValueError, match="A ciphertext of this picture has 4 bytes, but one of 5"):
        figures.cipher_pictures(np.zeros((2, 2), np.uint8), {"ECB": bytes(5)}, "T")


def test_figures_take_numbers_of_any_type():
    rates = {"loop": np.float32(1e6)}
    assert figures.time_to_try(rates, "loop", np.int64(10), "digits", 7.0).alt.startswith(
        "10 million identifiers, loop"
    )
    curves = {"us": {np.int64(2): np.float64(0.25), 3: 0.5}}
    assert "50%" in figures.surfacing(b"ab", bytearray(b"ac"), curves, "us", np.int64(3)).alt
    assert "2 pages" in figures.length_counts({"a": 5, "b": np.int64(10**6)}, "T", "b").alt
