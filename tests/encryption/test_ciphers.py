"""Ciphers against published vectors, key streams that are used twice, and what lengths give away."""

import itertools
import math
import tracemalloc
import zlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import encryption
from helpers.encryption import ciphers, data

KEY = bytes(range(32))

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
    monkeypatch.setattr(ciphers.os, "urandom", lambda n: bytes(range(n)))
    expected = (
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
    )
    assert encryption.encrypt(NIST_TEXT, NIST_KEY, "CBC").hex() == expected


def test_gcm_gives_mcgrew_and_viegas_vector(monkeypatch):
    # Test case 2 of the GCM specification: key, nonce and text are zeros.
    monkeypatch.setattr(ciphers.os, "urandom", bytes)
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
        (bytes(17), KEY, "CBC", "needs a multiple of 16"),
        (bytes(16), KEY, "ABC", "'ECB', 'CBC', 'GCM', but the text 'ABC' was given"),
        (bytes(16), bytes(15), "GCM", "16 or 24 or 32 bytes, but 15 were given"),
    ],
)
def test_encrypt_says_what_is_wrong(message, key, mode, hint):
    with pytest.raises(ValueError, match=hint):
        encryption.encrypt(message, key, mode)


def test_a_key_is_bytes():
    with pytest.raises(TypeError, match="key must be bytes, but the text .* was given. A text becomes bytes by"):
        encryption.encrypt(bytes(16), "a" * 32, "GCM")


def test_repeated_share_of_known_blocks():
    a, b, c = (bytes([byte]) * 16 for byte in b"abc")
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
    with pytest.raises(
        ValueError, match=f"levels must be a whole number at least 2 and at most 256, but {levels} was given"
    ):
        encryption.in_grey_levels(np.zeros(4, np.uint8), levels)


@given(st.lists(st.text(max_size=30), max_size=6))
def test_one_key_stream_cancels_out(texts):
    sent = encryption.encrypt_with_one_nonce(texts, KEY, bytes(16))
    plain_texts = [text.encode() for text in texts]
    assert [len(text) for text in sent] == [len(text) for text in plain_texts]
    for i, j in itertools.combinations(range(len(texts)), 2):
        assert encryption.apply_keystream(sent[i], sent[j]) == encryption.apply_keystream(
            plain_texts[i], plain_texts[j]
        )


@pytest.mark.parametrize("characters", [1, 4])
def test_the_key_stream_of_known_texts_is_found(characters):
    # Every column holds only the commonest character: the attack cannot go wrong.
    texts = [b"eeee", b"eee", b"", b"ee"]
    sent = encryption.encrypt_with_one_nonce(texts, KEY, bytes(16))
    stream = encryption.guess_keystream(sent, encryption.learn_language(["eeeeeeeee and others. eeeee"], characters))
    assert [encryption.apply_keystream(stream, text) for text in sent] == texts


@given(st.lists(st.binary(max_size=20), max_size=6), st.integers(1, 4))
@settings(deadline=None)
def test_a_guessed_key_stream_is_as_long_as_the_longest(ciphertexts, characters):
    language = encryption.learn_language([b"some text"], characters)
    if not any(ciphertexts):
        with pytest.raises(ValueError, match="every record is empty"):
            encryption.guess_keystream(ciphertexts, language)
    else:
        stream = encryption.guess_keystream(ciphertexts, language)
        assert stream.dtype == np.uint8 and len(stream) == max(map(len, ciphertexts))


def test_four_characters_in_a_row_read_what_one_at_a_time_does_not():
    letters, pages = data.letters_to_the_bank()
    right, right_pairs = {}, {}
    for characters, numbers in ((1, (2, 5, 20)), (4, (2, 3, 4))):
        language = encryption.learn_language(pages, characters)
        for n in numbers:
            sent = encryption.encrypt_with_one_nonce(letters[:n], KEY, bytes(16))
            stream = encryption.guess_keystream(sent, language)
            guessed = [encryption.apply_keystream(stream, text) for text in sent]
            right[characters, n] = encryption.share_right(guessed, letters[:n])
            both = zip(zip(*guessed, strict=True), zip(*letters[:n], strict=True), strict=True)
            right_pairs[characters, n] = np.mean([set(one) == set(other) for one, other in both])
    assert 0.2 < right[1, 2] < 0.35 and 0.65 < right[1, 5] < 0.9 and right[1, 20] > 0.98
    assert right[4, 3] > 0.95 and right[4, 4] > 0.98
    assert right_pairs[4, 2] > 0.65 > right_pairs[1, 2]  # the right two characters, whoever's they are


def test_one_character_at_a_time_is_the_likeliest_byte_of_each_column():
    letters, pages = data.letters_to_the_bank(6)
    logs = encryption.learn_language(pages, 1).logs[0].tolist()
    sent = encryption.encrypt_with_one_nonce(letters, KEY, bytes(16))
    by_hand = [
        max(range(256), key=lambda key: sum(logs[c ^ key] for c in column)) for column in zip(*sent, strict=True)
    ]
    assert np.mean(by_hand == encryption.guess_keystream(sent, encryption.learn_language(pages, 1))) > 0.99  # ties


def test_a_language_holds_shares_that_lean_on_shorter_contexts():
    language = encryption.learn_language(["abab", b"abc"], 2)
    logs = dict(zip(language.contexts.tolist(), np.exp(language.logs), strict=True))
    assert np.allclose([shares.sum() for shares in logs.values()], 1, atol=1e-4) and sorted(logs) == [1, 353, 354]
    alone = (3 + 3 / 256) / (7 + 3)  # of 7 bytes 3 are "b", and there are 3 kinds
    assert math.isclose(logs[1][ord("b")], alone, rel_tol=1e-4)
    assert math.isclose(logs[256 + ord("a")][ord("b")], (3 + alone) / (3 + 1), rel_tol=1e-4)
    with pytest.raises(ValueError, match="No text has 4 bytes"):
        encryption.learn_language(["abc", ""])


def test_a_language_and_its_use_take_little_more_memory_than_it_holds():
    pages = [zlib.compress(page) for page in data.letters_to_the_bank()[1]]  # nearly every context is a new one
    sent = encryption.encrypt_with_one_nonce(pages[:5], KEY, bytes(16))
    tracemalloc.start()
    language = encryption.learn_language(pages)
    encryption.guess_keystream([text[:50] for text in sent], language)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * language.logs.nbytes  # 1.3 times; with tables in double precision it was 8.5


def test_key_stream_functions_say_what_is_wrong():
    with pytest.raises(ValueError, match="nonce must have 16 bytes, but 12 were given"):
        encryption.encrypt_with_one_nonce(["a"], KEY, bytes(12))
    with pytest.raises(ValueError, match="but 5 were given"):
        encryption.encrypt_with_one_nonce(["a"], bytes(5), bytes(16))
    with pytest.raises(TypeError, match="language must be what learn_language gives, but a ndarray"):
        encryption.guess_keystream([b"a"], np.ones(26))
    with pytest.raises(ValueError, match="as long as its text"):
        encryption.share_right([b"a"], [b"ab"])
    with pytest.raises(ValueError, match="nothing to compare"):
        encryption.share_right([b""], [b""])


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
    with pytest.raises(ValueError, match="multiple must be a whole number at least 1, but 0 was given"):
        encryption.pad_to_multiple(5, 0)
    for score in (encryption.given_away, encryption.named_right):
        with pytest.raises(ValueError, match="no message"):
            score([])


def test_pages_are_named_by_their_length():
    pages = [page.encode() for page in data.help_pages().values()]
    packed = [len(zlib.compress(page)) for page in pages]
    assert encryption.named_right(packed) > 0.9  # compression alone hides nothing
    padme = [encryption.padme(len(page)) for page in pages]
    assert encryption.named_right(padme) > 0.5 and sum(padme) < 1.12 * sum(map(len, pages))


def test_ecb_shows_of_a_photograph_its_border_until_greys_are_few():
    eye = data.medical_picture("eye")
    blocks = Counter(bytes(block) for block in eye.reshape(-1, 16))
    twins = {block: count for block, count in blocks.items() if count > 1}
    dark = sum(count for block, count in twins.items() if max(block) < 16)
    assert encryption.repeated_share(eye) < 0.25 and dark > 0.9 * sum(twins.values())
    assert encryption.repeated_share(encryption.in_grey_levels(eye, 8)) > 0.85
