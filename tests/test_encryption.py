"""Ciphers against published vectors, attacks against known answers and their baselines, the data, the checks."""

import hashlib
import hmac
import itertools
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data, encryption, exercises, figures

KEY = bytes(range(32))


# --- ciphers ------------------------------------------------------------------

# NIST SP 800-38A, appendix F: the same four blocks in every mode.
NIST_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
NIST_TEXT = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)


def test_ecb_gives_nists_vector():
    expected = (
        "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
        "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"
    )
    assert encryption.encrypt(NIST_TEXT, NIST_KEY, "ECB").hex() == expected


def test_cbc_gives_nists_vector(monkeypatch):
    monkeypatch.setattr(encryption.os, "urandom", lambda n: bytes(range(n)))
    expected = (
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
    )
    assert encryption.encrypt(NIST_TEXT, NIST_KEY, "CBC").hex() == expected


def test_gcm_gives_mcgrew_and_viegas_vector(monkeypatch):
    # Test case 2 of the GCM specification: key, nonce and text are zeros.
    monkeypatch.setattr(encryption.os, "urandom", bytes)
    assert encryption.encrypt(bytes(16), bytes(16), "GCM").hex() == "0388dace60b6a392f328c2b971b2fe78"


def test_counter_mode_gives_nists_vector():
    start = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    (ciphertext,) = encryption.encrypt_with_one_nonce([NIST_TEXT], NIST_KEY, start)
    assert ciphertext.hex() == (
        "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
        "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"
    )


@pytest.mark.parametrize("mode", encryption.MODES)
def test_ciphertexts_are_as_long_as_the_message(mode):
    assert len(encryption.encrypt(bytes(160), KEY, mode)) == 160


def test_only_ecb_repeats():
    ecb, cbc, gcm = (encryption.encrypt(bytes(1600), KEY, mode) for mode in encryption.MODES)
    assert encryption.repeated_share(ecb) == 1
    assert encryption.repeated_share(cbc) == encryption.repeated_share(gcm) == 0
    assert gcm != encryption.encrypt(bytes(1600), KEY, "GCM")


@pytest.mark.parametrize(
    ("message", "key", "mode", "hint"),
    [
        (b"", KEY, "ECB", "empty"),
        (bytes(17), KEY, "ECB", "17 bytes. Pad it"),
        (bytes(17), KEY, "CBC", "multiple of 16"),
        (bytes(16), KEY, "ABC", "ECB, CBC, GCM"),
        (bytes(16), bytes(15), "GCM", "16 or 24 or 32 bytes, but 15 were given"),
    ],
)
def test_encrypt_says_what_is_wrong(message, key, mode, hint):
    with pytest.raises(ValueError, match=hint):
        encryption.encrypt(message, key, mode)


def test_a_key_is_bytes():
    with pytest.raises(TypeError, match="A key is bytes, but str was given"):
        encryption.encrypt(bytes(16), "a" * 32, "GCM")


def test_repeated_share_of_known_blocks():
    a, b, c = (bytes([letter]) * 16 for letter in b"abc")
    assert encryption.repeated_share(a + b + a + c) == 0.5
    assert encryption.repeated_share(a + b + c + b"rest") == 0
    assert encryption.repeated_share(np.zeros((4, 16), np.uint8)) == 1
    with pytest.raises(ValueError, match="no full block of 16 bytes in 15"):
        encryption.repeated_share(bytes(15))


@given(st.binary(min_size=16, max_size=800).filter(lambda text: len(text) % 16 == 0))
def test_ecb_keeps_the_repeated_share(message):
    ciphertext = encryption.encrypt(message, KEY, "ECB")
    assert encryption.repeated_share(ciphertext) == encryption.repeated_share(message)


@given(st.integers(2, 256))
def test_grey_levels_are_as_many_as_asked_for(levels):
    picture = np.arange(256, dtype=np.uint8)
    reduced = encryption.in_grey_levels(picture, levels)
    assert len(np.unique(reduced)) == levels and reduced[0] == 0 and reduced[-1] == 255
    assert (np.diff(reduced.astype(int)) >= 0).all()


@pytest.mark.parametrize("levels", [1, 257])
def test_grey_levels_out_of_range(levels):
    with pytest.raises(ValueError, match="2 to 256 grey levels"):
        encryption.in_grey_levels(np.zeros(4, np.uint8), levels)


# --- identifiers --------------------------------------------------------------


def test_md5_gives_rfc_1321s_vectors():
    vectors = {
        "": "d41d8cd98f00b204e9800998ecf8427e",
        "a": "0cc175b9c0f1b6a831c399e269772661",
        "abc": "900150983cd24fb0d6963f7d28e17f72",
        "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
        "abcdefghijklmnopqrstuvwxyz": "c3fcd3d76192e4007dfb496cca67e13b",
    }
    assert {text: encryption.md5(text) for text in vectors} == vectors


@pytest.mark.parametrize("text", ["a", "abc", "message digest", "abcdefghijklmnopqrstuvwxyz"])
def test_search_hashes_as_rfc_1321_does(text):
    # A format without 9 or X is one identifier: the search hashes it in NumPy.
    assert encryption.search_md5([hashlib.md5(text.encode()).hexdigest()], [text]) == {encryption.md5(text): text}


def test_search_finds_what_the_press_printed():
    found = encryption.search_md5([encryption.md5("9Y99"), encryption.md5("5296319")], ["9X99", "5999999"])
    assert {digest[:8]: identifier for digest, identifier in found.items()} == {
        "71b9c3f3": "9Y99",
        "98c2b1ae": "5296319",
    }


def test_the_formats_hold_twenty_million():
    assert [encryption.count_identifiers([pattern]) for pattern in encryption.TAXI_FORMATS] == [
        26_000, 676_000, 17_576_000, 1_000_000, 1_000_000,
    ]  # fmt: skip
    assert encryption.count_identifiers(encryption.TAXI_FORMATS) == 20_278_000


@pytest.mark.parametrize("suffix", ["", "salt", "-2013 Zoë"])
@pytest.mark.parametrize("pattern", ["9", "X9", "9X99", "A9-9X", "99999", "X-99-X", "no place"])
def test_the_fast_search_is_the_loop(pattern, suffix):
    every = list(encryption.identifiers(pattern))
    assert len(every) == encryption.count_identifiers([pattern]) == len(set(every))
    rng = np.random.default_rng(0)
    chosen = [every[i] for i in rng.integers(len(every), size=40)] + ["not of the form"]
    digests = [encryption.md5(identifier + suffix) for identifier in chosen]
    slow = encryption.search(digests, every, lambda identifier: encryption.md5(identifier + suffix))
    assert encryption.search_md5(digests, [pattern], suffix) == slow
    assert set(slow.values()) == set(chosen[:-1])


@pytest.mark.parametrize("pattern", ["9X99", "99999"])  # more and fewer first words than fit into a piece
def test_the_fast_search_forgets_nobody_between_two_pieces(pattern, monkeypatch):
    monkeypatch.setattr(encryption, "_CHUNK", 25_000)
    every = {encryption.md5(identifier): identifier for identifier in encryption.identifiers(pattern)}
    assert encryption.search_md5(list(every), [pattern]) == every


def test_the_fast_search_takes_capitals_and_one_thread():
    digest = encryption.md5("7Q42")
    assert encryption.search_md5([digest.upper()], ["9X99"], threads=1) == {digest: "7Q42"}
    assert encryption.search_md5([], ["9X99"]) == {}


def test_a_secret_key_leaves_nothing_to_find():
    cabs = list(encryption.identifiers("9X9"))
    keyed = [hmac.new(KEY, cab.encode(), "md5").hexdigest() for cab in cabs]
    assert encryption.search_md5(keyed, ["9X9"]) == {}


@pytest.mark.parametrize(
    ("digests", "patterns", "hint"),
    [
        (["abc"], ["9"], "32 hexadecimal characters, but 'abc'"),
        (["z" * 32], ["9"], "32 hexadecimal characters"),
        (["0" * 32], [""], "ASCII characters only"),
        (["0" * 32], ["Zoë9"], "ASCII characters only"),
        (["0" * 32], ["X" * 7], "too many for this search"),
        (["0" * 32], ["A" * 56], "at most 55 bytes"),
    ],
)
def test_search_says_what_is_wrong(digests, patterns, hint):
    with pytest.raises(ValueError, match=hint):
        encryption.search_md5(digests, patterns)


# --- tables -------------------------------------------------------------------

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
    one, other = (encryption.order_preserving_code(range(20), key) for key in (KEY, KEY[::-1]))
    assert one != other and list(one) == list(range(20))


@pytest.mark.parametrize(
    ("key", "scheme", "domain", "hint"),
    [
        (bytes(16), "deterministic", None, "32 bytes, but 16"),
        (KEY, "secret", None, "deterministic, order-preserving, randomised"),
        (KEY, "order-preserving", range(3), "does not hold the value 7"),
    ],
)
def test_encrypt_column_says_what_is_wrong(key, scheme, domain, hint):
    with pytest.raises(ValueError, match=hint):
        encryption.encrypt_column([1, 7], key, scheme, domain)


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


def test_recovered_counts_rows_and_values():
    assert encryption.recovered(["a", "a", "b", None], ["a", "b", "b", None]) == (2 / 3, 0.5)
    with pytest.raises(ValueError, match="2 guesses for 1 cells"):
        encryption.recovered(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="nothing to recover"):
        encryption.recovered([None], [None])


def read(scheme, matching, first_year=1997):
    clinic = data.hospital(first_year)
    rows, fool = {}, {}
    for column, truth in clinic.table.items():
        cells, known = encryption.encrypt_column(truth, KEY, scheme), clinic.auxiliary[column]
        rows[column], _ = encryption.recovered(matching(cells, known), truth)
        fool[column], _ = encryption.recovered(encryption.guess_commonest(cells, known), truth)
    return rows, fool


def test_the_hospital_under_deterministic_encryption():
    rows, fool = read("deterministic", encryption.match_by_frequency)
    assert rows["sex"] == rows["age band"] == 1
    assert rows["admitted for"] > 0.7 and fool["admitted for"] < 0.32
    assert rows["chain group"] < 0.12  # ten groups of one size: chance


def test_other_years_are_not_read_as_well():
    rows, fool = read("deterministic", encryption.match_by_frequency, 1998)
    assert fool["admitted for"] < rows["admitted for"] < 0.35


def test_the_hospital_under_randomised_encryption_is_the_baseline():
    rows, fool = read("randomised", encryption.match_by_frequency)
    assert all(abs(rows[column] - fool[column]) < 0.02 for column in rows)


@pytest.mark.parametrize(("scheme", "more"), [("deterministic", 17), ("randomised", 29)])
def test_cells_show_how_long_their_text_is(scheme, more):
    cells = encryption.encrypt_column(["", "Flu", "Zoë"], KEY, scheme)
    assert [len(cell) // 2 - more for cell in cells] == [0, 3, 4]  # ë takes two bytes


def test_ages_by_order_and_by_frequency():
    registry = data.health_registry()
    odd = registry["person"] % 2 == 1
    ages, known = registry["age"][odd], registry["age"][~odd]
    cells = encryption.encrypt_column(ages, KEY, "order-preserving", range(18, 100))
    assert encryption.recovered(encryption.match_by_order(cells, known), ages) == (1, 1)
    assert encryption.recovered(encryption.match_by_frequency(cells, known), ages)[0] < 0.05


# --- key streams --------------------------------------------------------------


@given(st.lists(st.text(max_size=30), max_size=6))
def test_one_key_stream_cancels_out(texts):
    sent = encryption.encrypt_with_one_nonce(texts, KEY, bytes(16))
    plain_texts = [text.encode() for text in texts]
    assert [len(text) for text in sent] == [len(text) for text in plain_texts]
    for i, j in itertools.combinations(range(len(texts)), 2):
        assert encryption.apply_keystream(sent[i], sent[j]) == encryption.apply_keystream(
            plain_texts[i], plain_texts[j]
        )


def test_the_key_stream_of_known_texts_is_found():
    # Every column holds only the commonest letter: the attack cannot go wrong.
    texts = [b"eeee", b"eee", b"", b"ee"]
    sent = encryption.encrypt_with_one_nonce(texts, KEY, bytes(16))
    stream = encryption.guess_keystream(sent, encryption.letter_shares(["eeeeeeeee and some"]))
    assert [encryption.apply_keystream(stream, text) for text in sent] == texts


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_a_guessed_key_stream_is_as_long_as_the_longest(ciphertexts):
    shares = encryption.letter_shares([b"some text"])
    if not any(ciphertexts):
        with pytest.raises(ValueError, match="every record is empty"):
            encryption.guess_keystream(ciphertexts, shares)
    else:
        stream = encryption.guess_keystream(ciphertexts, shares)
        assert stream.dtype == np.uint8 and len(stream) == max(map(len, ciphertexts))


def test_letters_surface_as_they_share_a_key_stream():
    letters, others = data.letters_to_the_bank()
    shares, right = encryption.letter_shares(others), {}
    for n in (2, 5, 10, 20):
        sent = encryption.encrypt_with_one_nonce(letters[:n], KEY, bytes(16))
        stream = encryption.guess_keystream(sent, shares)
        right[n] = encryption.share_right([encryption.apply_keystream(stream, text) for text in sent], letters[:n])
    assert 0.2 < right[2] < 0.35 and right[5] > 0.7 and right[10] > 0.95 and right[20] > 0.98


def test_letter_shares_count_every_byte():
    shares = encryption.letter_shares(["ab", b"a"])
    assert shares.shape == (256,) and math.isclose(shares.sum(), 1)
    assert shares[ord("a")] == 3 / 259 and shares[ord("z")] == 1 / 259
    with pytest.raises(ValueError, match="the texts are empty"):
        encryption.letter_shares(["", b""])


def test_key_stream_functions_say_what_is_wrong():
    with pytest.raises(ValueError, match="starts from 16 bytes, but 12"):
        encryption.encrypt_with_one_nonce(["a"], KEY, bytes(12))
    with pytest.raises(ValueError, match="but 5 were given"):
        encryption.encrypt_with_one_nonce(["a"], bytes(5), bytes(16))
    with pytest.raises(ValueError, match=r"but shape \(26,\)"):
        encryption.guess_keystream([b"a"], np.ones(26))
    with pytest.raises(ValueError, match="as long as its text"):
        encryption.share_right([b"a"], [b"ab"])
    with pytest.raises(ValueError, match="nothing to compare"):
        encryption.share_right([b""], [b""])


# --- lengths ------------------------------------------------------------------


@given(st.integers(0, 2**40), st.integers(1, 2**20))
def test_padding_to_a_multiple(length, multiple):
    padded = encryption.pad_to_multiple(length, multiple)
    assert length <= padded < length + multiple and padded % multiple == 0


@given(st.integers(0, 2**50))
def test_padme_keeps_its_promises(length):
    padded = encryption.padme(length)
    assert length <= padded <= 1.12 * length + 1e-9
    assert encryption.padme(padded) == padded


def test_padme_by_hand():
    # The paper's steps: 9 = 0b1001 keeps 2 bits after the first, so it stays below 10.
    assert [encryption.padme(length) for length in (0, 1, 8, 9, 17, 33, 1000, 1_000_001)] == [
        0, 1, 8, 10, 18, 36, 1024, 1_015_808,
    ]  # fmt: skip


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_what_lengths_give_away(lengths):
    counts = Counter(lengths)
    alone, named = encryption.given_away(lengths), encryption.named_right(lengths)
    assert alone == sum(count == 1 for count in counts.values()) / len(lengths)
    # Someone who guesses one message of each length, over all messages:
    assert math.isclose(named, sum(1 / counts[length] for length in lengths) / len(lengths))
    assert 1 / len(lengths) <= named <= 1 and alone <= named


def test_lengths_say_what_is_wrong():
    with pytest.raises(ValueError, match="multiple of at least 1"):
        encryption.pad_to_multiple(5, 0)
    for score in (encryption.given_away, encryption.named_right):
        with pytest.raises(ValueError, match="no message"):
            score([])


# --- data ---------------------------------------------------------------------


def test_pictures():
    scan, eye = data.medical_picture("scan"), data.medical_picture("eye")
    assert scan.shape == eye.shape == (400, 400) and scan.dtype == eye.dtype == np.uint8
    assert len(np.unique(scan)) < 10 < 200 < len(np.unique(eye))
    with pytest.raises(ValueError, match="scan and eye, but 'hand'"):
        data.medical_picture("hand")


def test_equal_passwords_are_equal_ciphertexts():
    stored = data.stored_passwords()
    counts = stored["ciphertext"].value_counts().tolist()
    assert counts == [3, 3, 2, 1] and stored["ciphertext"].str.len().eq(32).all()
    iona = stored.set_index("name").loc["Iona Quillfeather"]
    assert iona["hint"] == "" and (stored["ciphertext"] == iona["ciphertext"]).sum() == 3


def test_the_release_is_the_same_every_time_and_holds_her_trip():
    release, again = data.taxi_release(), data.taxi_release()
    assert release.trips.equals(again.trips) and release.cabs == again.cabs
    assert len(release.cabs) == len(set(release.cabs)) == 50_000
    hers = release.trips[release.trips["medallion"] == encryption.md5(release.hers)]
    assert "Eastgate Clinic" in hers["to"].tolist()
    for bad in ({"medallions": 1}, {"licences": 0}, {"trips": 0}):
        with pytest.raises(ValueError, match="at least two medallions"):
            data.taxi_release(**bad)


def test_the_hospital_holds_her_row_and_splits_by_year():
    clinic = data.hospital()
    assert clinic.table.loc[clinic.hers].tolist() == ["F", "50-59", "Respiratory", 6]
    assert clinic.table.index.is_unique and list(clinic.table) == list(clinic.auxiliary)
    assert len(clinic.table) + len(clinic.auxiliary) == 7874 + 1
    with pytest.raises(ValueError, match="nobody on one side"):
        data.hospital(1990)


def test_a_table_that_is_missing_is_an_error(monkeypatch):
    with pytest.raises(RuntimeError, match="no table survival/nothing"):
        data._rdataset("survival", "nothing")


def test_letters_share_a_length_and_no_text():
    letters, others = data.letters_to_the_bank(20)
    assert len(letters) == 20 and len(others) >= 10
    assert letters[0].decode().endswith("Iona Quillfeather") and not set(letters) & set(others)
    assert {len(text) for text in letters + others} == {len(letters[0])}
    for n in (0, 1000):
        with pytest.raises(ValueError, match="There are texts for"):
            data.letters_to_the_bank(n)


# --- figures ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1e-9, "under a millisecond"), (0.0123, "12 ms"), (1, "1 second"), (6.67, "6.7 seconds"), (7200, "2 hours"),
        (3 * 86_400, "3 days"), (1e12, "31,688 years"), (1e18, "31.7 billion years"), (1e21, "over a trillion years"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds, expected):
    assert figures._duration(seconds) == expected


def test_figures_say_their_numbers():
    picture = np.zeros((16, 16), np.uint8)
    assert "ciphertext" in figures.cipher_picture(picture, bytes(256), "A title").alt
    rates = {"loop": 1e6, "card": 1e11}
    assert "10 million identifiers, loop: 10 seconds" in figures.time_to_try(rates, "loop", 10, "digits", 7).alt
    alt = figures.lengths({"a": 100, "b": 200, "c": 200}, "Lengths", hers="b").alt
    assert "3 pages have 2 different lengths; 1 are alone" in alt and "one of 2 with" in alt
    alt = figures.surfacing(b"Dear $x$", b"Dear You", {2: 0.25, 3: 0.5}, 3).alt
    assert "Dear ···" in alt and "50%" in alt
    table = pd.DataFrame({"sex": ["ab12", None]}, index=["P1", "P2"], dtype=object)
    assert "sex 90% (guess 50%)" in figures.seen_and_recovered(table, {"sex": 0.9}, {"sex": 0.5}, "T", "P1").alt
    shares = {3: 0.6, 5: 0.4}
    assert "2 ciphertexts in order" in figures.cumulative_shares(shares, shares, "T").alt
    assert "60%" in figures.two_rankings({"abc": 0.6, "def": 0.4}, {"flu": 0.6, "burn": 0.4}, "T").alt


# --- checks -------------------------------------------------------------------

LETTERS = data.letters_to_the_bank(2)[0]


def test_unfinished_answers_are_not_yet():
    for verdict in (
        exercises.check_password(...),
        exercises.check_account_numbers(...),
        exercises.check_pseudonym(lambda identifier, key: ...),
        exercises.check_match_by_frequency(lambda cells, known: ...),
        exercises.check_match_by_frequency(lambda cells, known: {"x": ...}),
        exercises.check_leaky_columns({"patient number": ..., "sex": True}),
        exercises.check_second_text(..., LETTERS),
        exercises.check_next_power(lambda length: ...),
        exercises.check_four_questions({"pharmacy": ...}),
    ):
        assert not verdict.right and ("..." in verdict.message or "returns no" in verdict.message)


def test_a_missing_return_is_named():
    assert "returns no pseudonym" in exercises.check_pseudonym(lambda identifier, key: None).message
    assert "returns no guesses" in exercises.check_match_by_frequency(lambda cells, known: None).message
    assert "returns no length" in exercises.check_next_power(lambda length: None).message


@pytest.mark.parametrize("absurd", [None, "?", 7, -1.5, [], {}, lambda *answers: 1, np.nan, np.inf, b"?", True])
def test_absurd_answers_never_raise(absurd):
    for check in (
        exercises.check_password,
        exercises.check_account_numbers,
        exercises.check_pseudonym,
        exercises.check_match_by_frequency,
        exercises.check_leaky_columns,
        exercises.check_next_power,
        exercises.check_four_questions,
    ):
        assert not check(absurd).right
    assert not exercises.check_second_text(absurd, LETTERS).right


@pytest.mark.parametrize("password", ["breakfast", "Breakfast", " breakfast. "])
def test_password(password):
    assert exercises.check_password(password).right


@pytest.mark.parametrize(
    ("password", "hint"),
    [("123456", "not hers"), ("kittiwake", "boat and the gull"), ("lunch", "*first*"), ("marmalade", "Which other"),
     (5, "in quotes")],
)  # fmt: skip
def test_wrong_password(password, hint):
    verdict = exercises.check_password(password)
    assert not verdict.right and hint in verdict.message


@pytest.mark.parametrize("count", [1_200_000, 1.2e6, 12 * 10**5, np.int64(1_200_000)])
def test_account_numbers(count):
    assert exercises.check_account_numbers(count).right


@pytest.mark.parametrize(
    ("count", "hint"),
    [(10**8, "eight free digits"), (10**7, "there are 12"), (12 * 10**6, "not free"), (10**5, "one branch"),
     (120_000, "One digit too few"), (5, "Multiply"), ("1,200,000", "without commas"), ([12, 5], "one number")],
)  # fmt: skip
def test_wrong_account_numbers(count, hint):
    verdict = exercises.check_account_numbers(count)
    assert not verdict.right and hint in verdict.message


def test_pseudonym():
    def with_update(identifier, key):
        mac = hmac.new(key, digestmod=hashlib.sha256)
        mac.update(identifier.encode("utf-8"))
        return mac.hexdigest()

    assert exercises.check_pseudonym(with_update).right
    assert exercises.check_pseudonym(lambda i, k: hmac.digest(k, i.encode(), "sha256").hex()).right
    assert exercises.check_pseudonym(lambda i, k: hmac.new(k, i.encode(), "sha256").hexdigest().upper()).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda i, k: hashlib.sha256(i.encode()).hexdigest(), "key is not used"),
        (lambda i, k: hashlib.md5(i.encode()).hexdigest(), "key is not used"),
        (lambda i, k: hashlib.sha256(k + i.encode()).hexdigest(), "Gluing"),
        (lambda i, k: hashlib.sha256(i.encode() + k).hexdigest(), "Gluing"),
        (lambda i, k: hmac.new(i.encode(), k, "sha256").hexdigest(), "changed places"),
        (lambda i, k: hmac.new(k, i.encode(), "md5").hexdigest(), "SHA-256 in place of MD5"),
        (lambda i, k: hmac.new(k, i.encode(), "sha256").digest(), ".hexdigest()"),
        (lambda i, k: hmac.new(k, i.encode(), "sha256"), "hexadecimal text"),
        (lambda i, k: hmac.new(b"k" * 32, i.encode(), "sha256").hexdigest(), "use the key given"),
        (lambda i, k: hmac.new(k, i.lower().encode(), "sha256").hexdigest(), "as it is"),
        (lambda i, k: hmac.new(k, i, "sha256").hexdigest(), "could not use"),
        ("a" * 64, "should be a function"),
    ],
)
def test_wrong_pseudonym(wrong, hint):
    verdict = exercises.check_pseudonym(wrong)
    assert not verdict.right and hint in verdict.message


def ranked(values, reverse=True):
    return sorted(dict.fromkeys(values), key=values.count, reverse=reverse)


@pytest.mark.parametrize(
    "rank",
    [
        ranked,
        lambda values: list(encryption.shares(values)),
        lambda v: [value for value, _ in Counter(v).most_common()],
    ],
)
def test_match_by_frequency(rank):
    pair = lambda cells, known: zip(rank(cells), rank(known), strict=False)  # noqa: E731
    assert exercises.check_match_by_frequency(lambda cells, known: dict(pair(cells, known))).right
    assert exercises.check_match_by_frequency(lambda cells, known: pd.Series(dict(pair(cells, known)))).right


def test_no_guess_may_be_written_as_none():
    assert exercises.check_match_by_frequency(
        lambda cells, known: dict(itertools.zip_longest(ranked(cells), ranked(known)[: len(set(cells))]))
    ).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda c, k: dict(zip(ranked(k), ranked(c), strict=False)), "Turn it round"),
        (lambda c, k: dict(zip(dict.fromkeys(c), dict.fromkeys(k), strict=False)), "come sorted"),
        (lambda c, k: dict(zip(ranked(c, False), ranked(k, False), strict=False)), "begin with the rarest"),
        (lambda c, k: {ranked(c)[0]: ranked(k)[0]}, "have no guess: y, z"),
        (lambda c, k: {x: ranked(k)[min(i, len(set(k)) - 1)] for i, x in enumerate(ranked(c))}, "should get no guess"),
        (lambda c, k: list(zip(ranked(c), ranked(k), strict=False)), "Return a dict"),
        (lambda c, k: {x: "Flu" for x in c}, "it should give"),
        ({"x": "Flu"}, "should be a function"),
    ],
)
def test_wrong_match_by_frequency(wrong, hint):
    verdict = exercises.check_match_by_frequency(wrong)
    assert not verdict.right and hint in verdict.message


LEAKY = {"patient number": False, "sex": True, "month of birth": False, "diagnosis": True}


def test_leaky_columns():
    assert exercises.check_leaky_columns(LEAKY).right
    assert exercises.check_leaky_columns({column: int(answer) for column, answer in LEAKY.items()}).right
    assert exercises.check_leaky_columns({column: np.bool_(answer) for column, answer in LEAKY.items()}).right


@pytest.mark.parametrize(
    ("change", "hint"),
    [({"patient number": True}, "stands there once"), ({"month of birth": True}, "Twelve months"),
     ({"sex": False}, "Two values"), ({"diagnosis": False}, "many rare ones"), ({"sex": "yes"}, "Say True or False")],
)  # fmt: skip
def test_wrong_leaky_columns(change, hint):
    verdict = exercises.check_leaky_columns(LEAKY | change)
    assert not verdict.right and hint in verdict.message


@pytest.mark.parametrize(
    "as_type", [bytes, bytearray, list, lambda text: text.decode(), lambda text: np.array([*text], np.uint8)]
)
def test_second_text(as_type):
    assert exercises.check_second_text(as_type(LETTERS[0]), LETTERS).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (LETTERS[1], "you knew already"),
        (encryption.apply_keystream(LETTERS[0], LETTERS[1]), "both texts added"),
        (LETTERS[0][:20], "first 20 letters"),
        (b"something else", "its own inverse"),
        (7, "Her letter is bytes"),
        (b"", "its own inverse"),
    ],
)
def test_wrong_second_text(wrong, hint):
    verdict = exercises.check_second_text(wrong, LETTERS)
    assert not verdict.right and hint in verdict.message


def doubling(length):
    power = 1
    while power < length:
        power *= 2
    return power


@pytest.mark.parametrize(
    "right", [lambda n: 2 ** (n - 1).bit_length(), lambda n: 2 ** math.ceil(math.log2(n)), doubling]
)
def test_next_power(right):
    assert exercises.check_next_power(right).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda n: 2 ** n.bit_length(), "should stay as it is"),
        (lambda n: 2 ** (n.bit_length() - 1), "less than its length"),
        (lambda n: encryption.pad_to_multiple(n, 1024), "For 1 it should give 1, but gives 1,024"),
        (lambda n: (n - 1).bit_length(), "less than its length"),
        (lambda n: str(2 ** (n - 1).bit_length()), "gives a str"),
        (1024, "should be a function"),
    ],
)
def test_wrong_next_power(wrong, hint):
    verdict = exercises.check_next_power(wrong)
    assert not verdict.right and hint in verdict.message


QUESTIONS = {"pharmacy": "guess", "school": "repeats", "cloud drive": "key", "video doctor": "size"}


def test_four_questions():
    assert exercises.check_four_questions(QUESTIONS).right


@pytest.mark.parametrize(
    ("change", "hint"),
    [({"pharmacy": "key"}, "nine-digit"), ({"school": "guess"}, "AES-SIV"), ({"cloud drive": "size"}, "open"),
     ({"video doctor": "repeats"}, "while it is sent"), ({"school": "hash"}, "for the school")],
)  # fmt: skip
def test_wrong_four_questions(change, hint):
    verdict = exercises.check_four_questions(QUESTIONS | change)
    assert not verdict.right and hint in verdict.message
