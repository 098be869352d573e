"""MD5 against RFC 1321, and the search of all identifiers against a loop."""

import hashlib
import hmac

import numpy as np
import pytest

from helpers import encryption
from helpers.encryption import md5

KEY = bytes(range(32))


def digest_of(text):
    return hashlib.md5(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ],
)
def test_search_hashes_as_rfc_1321_does(text, digest):
    # A format without 9 or X is one identifier: the search hashes it in NumPy.
    assert encryption.search_md5([digest], [text]) == {digest: text}


def test_search_finds_what_the_press_printed():
    found = encryption.search_md5([digest_of("9Y99"), digest_of("5296319")], ["9X99", "5999999"])
    assert {digest[:8]: identifier for digest, identifier in found.items()} == {
        "71b9c3f3": "9Y99",
        "98c2b1ae": "5296319",
    }


def test_the_formats_hold_twenty_million():
    assert [encryption.count_identifiers([pattern]) for pattern in encryption.TAXI_FORMATS] == [
        26_000, 676_000, 17_576_000, 1_000_000, 1_000_000,
    ]  # fmt: skip
    assert encryption.count_identifiers(encryption.TAXI_FORMATS) == 20_278_000


@pytest.mark.parametrize("salt", ["", "salt", "-2013 Zoe", "; a public salt of more than one word of MD5"])
@pytest.mark.parametrize("pattern", ["9", "X9", "9X99", "A9-9X", "99999", "X-99-X", "no place"])
def test_the_fast_search_is_the_loop(pattern, salt):
    every = list(encryption.identifiers(pattern + salt))
    assert len(every) == encryption.count_identifiers([pattern]) == len(set(every))
    rng = np.random.default_rng(0)
    chosen = [every[i] for i in rng.integers(len(every), size=40)]
    released, found = {digest_of(identifier) for identifier in [*chosen, "not of the form"]}, {}
    for identifier in every:
        if digest_of(identifier) in released:
            found[digest_of(identifier)] = identifier
    assert encryption.search_md5(released, [pattern + salt]) == found
    assert set(found.values()) == set(chosen)


@pytest.mark.parametrize("pattern", ["9X99", "99999"])  # more and fewer first words than fit into a piece
def test_the_fast_search_forgets_nobody_between_two_pieces(pattern, monkeypatch):
    monkeypatch.setattr(md5, "_CHUNK", 25_000)
    every = {digest_of(identifier): identifier for identifier in encryption.identifiers(pattern)}
    assert encryption.search_md5(list(every), [pattern]) == every


def test_the_fast_search_takes_capitals():
    digest = digest_of("7Q42")
    assert encryption.search_md5([digest.upper()], ["9X99"]) == {digest: "7Q42"}
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
        (["0" * 32], ["A" * 56], "at most 55 bytes.* has 56"),
    ],
)
def test_search_says_what_is_wrong(digests, patterns, hint):
    with pytest.raises(ValueError, match=hint):
        encryption.search_md5(digests, patterns)
