"""Every function of lesson 1, given something else than it needs, says what it was given and what it needs."""

import numpy as np
import pandas as pd
import pytest
from misuse import faults, public

from helpers.encryption import ciphers, columns, data, figures, md5

KEY = bytes(range(32))
COLUMN = {"an empty list", "a list of None", "an array of texts"}  # what is a column, whatever stands in it
LENGTHS = {"lengths": [5, 7, 5]}
SHARES = {"x": 0.6, "y": 0.4}
TWO = pd.DataFrame({"sex": ["m", "f"], "age": ["old", "young"]})
CELLS, ATTACK = {"cells": ["c"], "auxiliary": ["a"]}, {"cells": COLUMN, "auxiliary": {"an array of texts"}}
TEXTS = {"an array of texts", "an empty list"}

CASES = [
    (ciphers.encrypt, {"message": bytes(16), "key": KEY, "mode": "ECB"}, {}),
    (ciphers.sized, {"name": "key", "given": KEY, "lengths": (32,)}, {"name": "anything", "lengths": "anything"}),
    (ciphers.repeated_share, {"message": bytes(16)}, {}),
    (ciphers.in_grey_levels, {"picture": np.zeros((2, 2), np.uint8), "levels": 4}, {}),
    (ciphers.encrypt_with_one_nonce, {"texts": ["a"], "key": KEY, "nonce": bytes(16)}, {"texts": TEXTS}),
    (ciphers.learn_language, {"texts": ["some"], "characters": 2}, {"texts": set()}),
    (ciphers.guess_keystream, {"ciphertexts": [b"ab"], "language": ciphers.learn_language(["some"])}, {}),
    (ciphers.apply_keystream, {"stream": b"ab", "ciphertext": b"cd"}, {}),
    (ciphers.share_right, {"guessed": [b"ab"], "texts": [b"ac"]}, {}),
    (ciphers.pad_to_multiple, {"length": 5, "multiple": 4}, {}),
    (ciphers.padme, {"length": 5}, {}),
    (ciphers.given_away, LENGTHS, {}),
    (ciphers.named_right, LENGTHS, {}),
    (columns.encrypt_column, {"values": ["a"], "key": KEY, "scheme": "deterministic"}, {"values": COLUMN}),
    (columns.encrypt_column, {"values": ["a"], "key": KEY, "scheme": "order-preserving"}, {"values": COLUMN}),
    (columns.keyed_pseudonym, {"value": "a", "key": KEY}, {"value": {"a text", "a negative number", "a fraction"}}),
    (columns.shares, {"column": ["a"]}, {"column": COLUMN}),
    (columns.match_by_frequency, CELLS, ATTACK),
    (columns.match_by_order, CELLS, ATTACK),
    (columns.match_together, {"cells": TWO.map(str.upper), "auxiliary": TWO}, {}),
    (columns.guess_commonest, CELLS, ATTACK),
    (
        columns.match_by_length,
        CELLS | {"added": 0},
        ATTACK,
    ),
    (columns.recovered, {"guesses": ["a"], "truth": ["a"]}, {"guesses": {"a list of None"}}),
    (md5.alphabets, {"pattern": "9X"}, {"pattern": {"a text"}}),
    (md5.count_identifiers, {"patterns": ["9X"]}, {"patterns": TEXTS}),
    (md5.identifiers, {"pattern": "9X"}, {"pattern": {"a text"}}),
    (md5.search_md5, {"digests": ["0" * 32], "patterns": ["9X"]}, {"digests": {"an empty list"}, "patterns": TEXTS}),
    (data.medical_picture, {"name": "scan"}, {}),
    (data.stored_passwords, {}, {}),
    (data.taxi_release, {}, {}),
    (data.hospital, {"first_year": 1997}, {}),
    (data.health_registry, {}, {}),
    (data.letters_to_the_bank, {"n": 5}, {}),
    (
        figures.cipher_pictures,
        {"picture": np.zeros((2, 2), np.uint8), "ciphertexts": {"ECB": bytes(4)}, "title": "T"},
        {"title": {"a text"}},
    ),
    (
        figures.time_to_try,
        {"rates": {"loop": 1e6}, "machine": "loop", "symbols": 10, "alphabet": "digits", "length": 7},
        {"rates": (), "alphabet": {"a text"}},
    ),
    (
        figures.two_rankings,
        {"cells": SHARES, "known": SHARES, "title": "T"},
        {"cells": {"a dict"}, "known": {"a dict"}, "title": {"a text"}},
    ),
    (
        figures.surfacing,
        {"guessed": b"ab", "truth": b"ac", "curves": {"us": {2: 0.5}}, "attacker": "us", "n": 2, "title": "T"},
        {"title": {"a text", "None"}},
    ),
    (
        figures.length_counts,
        {"sizes": {"a": 100, "b": 200}, "title": "T", "hers": "a"},
        {"sizes": {"a dict"}, "title": {"a text"}},
    ),
]


@pytest.mark.parametrize(("function", "good", "takes"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_it_says_what_it_needs(function, good, takes):
    assert not (found := list(faults(function, good, takes))), "\n".join(found)


def test_every_function_is_tried():
    assert {function for function, _, _ in CASES} == public(ciphers, columns, md5, data, figures)
