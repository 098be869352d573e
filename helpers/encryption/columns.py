"""A table encrypted cell by cell, and the attacks that count what repeats."""

import hashlib
import hmac
import itertools
import os
from collections import Counter

import numpy as np

from .ciphers import TAG_AND_NONCE, check_key

SCHEMES = ("deterministic", "order-preserving", "randomised")

# Bytes that a scheme adds to a cell's text. One stands in front, so that an empty text can be encrypted too.
ADDED = {"deterministic": 1 + 16, "randomised": 1 + TAG_AND_NONCE}


def encrypt_column(values, key, scheme, domain=None):
    """Encrypt a table's column cell by cell, with one of SCHEMES.

    values: any sequence; a missing value (None, NaN) stays missing, as most databases leave it.
    key: 32 bytes. domain: for order-preserving, every value that could occur (default: those that do).
    deterministic: AES-SIV, equal cells become equal. randomised: AES-GCM with a fresh nonce for
    each cell, so that no two cells are equal; both give hexadecimal texts, whose length is that of the
    text and ADDED. order-preserving: the integers of order_preserving_code.
    Returns a list as long as ``values``. Raises ValueError for another scheme or key, or a value
    outside of ``domain``.
    Source: RFC 5297 (AES-SIV), NIST SP 800-38D (AES-GCM).
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

    check_key(key, (32,))
    if scheme not in SCHEMES:
        raise ValueError(f"The scheme must be one of {', '.join(SCHEMES)}, but {scheme!r} was given.")
    values = _plain(values)
    if scheme == "order-preserving":
        filled = {value for value in values if value is not None}
        code = order_preserving_code(filled if domain is None else domain, key)
        if outside := filled - code.keys():
            raise ValueError(f"The domain does not hold the value {next(iter(outside))!r}. It must hold every value.")
        return [None if value is None else code[value] for value in values]

    def encrypt_cell(value):
        text = b"v" + str(value).encode()
        if scheme == "deterministic":
            return AESSIV(key).encrypt(text, None).hex()
        nonce = os.urandom(12)
        return (nonce + AESGCM(key).encrypt(nonce, text, None)).hex()

    return [None if value is None else encrypt_cell(value) for value in values]


def order_preserving_code(domain, key):
    """A simple order-preserving code: a dict from each value to an integer, larger for larger values.

    Between one value and the next lies a gap, from 1 to 2**32, that only the key tells. This is a
    keyed random monotone map and no published cipher. It shows what every order-preserving scheme
    must show, equality and order, and also roughly how far apart values are; do not use it to protect anything.
    domain: values that can be sorted. key: 32 bytes.
    Source of the idea: A. Boldyreva, N. Chenette, Y. Lee, A. O'Neill, EUROCRYPT 2009.
    """
    check_key(key, (32,))
    domain = sorted(domain)
    gaps = (1 + int.from_bytes(hmac.digest(key, repr(value).encode(), "sha256")[:4], "big") for value in domain)
    return dict(zip(domain, itertools.accumulate(gaps), strict=True))


def keyed_pseudonym(value, key):
    """A pseudonym that only a holder of the key can compute: HMAC-SHA-256, its first 16 hexadecimal characters.

    value: a text, or what str turns into one. key: at least 16 secret bytes. Equal values get equal
    pseudonyms under one key, and unrelated ones under another.
    Raises ValueError for a shorter key. Source: RFC 2104.
    """
    if len(key) < 16:
        raise ValueError(f"The key must have at least 16 bytes, but has {len(key)}. os.urandom(32) makes a good one.")
    return hmac.new(key, str(value).encode(), hashlib.sha256).hexdigest()[:16]


def shares(column):
    """How common each value of a column is: a dict from value to share, commonest first; shares add up to 1.

    column: any sequence; missing values (None, NaN) do not count. Of equally common values, the one
    that stands first in the column comes first. A column without a value gives an empty dict.
    """
    return _shares(_plain(column))


def _shares(plain):
    counts = Counter(value for value in plain if value is not None)
    return {value: count / counts.total() for value, count in counts.most_common()}


def match_by_frequency(cells, auxiliary):
    """Guess a deterministically encrypted column: the commonest ciphertext is the commonest value, and so on.

    cells: ciphertexts; missing cells get no guess (None). auxiliary: values of similar people, in the clear.
    Ties are broken by who comes first. Ciphertexts in excess of the known values get the commonest value.
    Returns a list of guesses, one a cell. Raises ValueError when the auxiliary has no value.
    Source: M. Naveed, S. Kamara, C. Wright, CCS 2015 (frequency analysis).
    """
    cells, known = _plain(cells), _known(auxiliary)
    return _read(cells, dict(zip(_shares(cells), known, strict=False)), known)


def match_by_length(cells, auxiliary, added):
    """Guess a column of texts by the lengths of its cells, and by frequency among texts of one length.

    cells: hexadecimal, two characters a byte. added: how many bytes a cipher adds to a text.
    Cells of a length that no known text has get no guess (None). Where all cells of a length differ,
    each gets the commonest known text of that length. Returns a list of guesses, one a cell.
    """
    guess = {}
    for length in set(map(len, cells)):
        here = [cell for cell in cells if len(cell) == length]
        fitting = [value for value in auxiliary if len(value) == length // 2 - added]
        if fitting:
            match = match_by_frequency if len(set(here)) < len(here) else guess_commonest
            guess |= zip(here, match(here, fitting), strict=True)
    return [guess.get(cell) for cell in cells]


def match_by_order(cells, auxiliary):
    """Guess an order-preserving column: match how common values are *and* how many lie below them.

    cells: numbers; missing cells get no guess (None). auxiliary: numbers of similar people, in the clear.
    Each ciphertext gets another value, so that the squared differences of the shares, and of the
    cumulative shares, add up to the least (an assignment problem). Ciphertexts in excess of the
    known values get the commonest value.
    Returns a list of guesses, one a cell. Raises ValueError when the auxiliary has no value.
    Source: M. Naveed, S. Kamara, C. Wright, CCS 2015 (cumulative attack).
    """
    from scipy.optimize import linear_sum_assignment

    cells, known = _plain(cells), _known(auxiliary)
    codes, code_shares = _in_order(_shares(cells))
    values, value_shares = _in_order(known)
    cost = np.subtract.outer(code_shares, value_shares) ** 2
    cost += np.subtract.outer(code_shares.cumsum(), value_shares.cumsum()) ** 2
    return _read(cells, {codes[i]: values[j] for i, j in zip(*linear_sum_assignment(cost), strict=True)}, known)


def guess_commonest(cells, auxiliary):
    """The baseline: for every filled cell the auxiliary's commonest value, whatever the ciphertext says."""
    return _read(_plain(cells), {}, _known(auxiliary))


def recovered(guesses, truth):
    """Which share of a column was guessed right, as (of rows, of distinct values), each from 0 to 1.

    Rows whose truth is missing do not count. A value counts as recovered when every row that
    holds it was guessed right. Raises ValueError for another number of guesses, or no value at all.
    """
    guesses, truth = _plain(guesses), _plain(truth)
    if len(guesses) != len(truth):
        raise ValueError(f"There are {len(guesses)} guesses for {len(truth)} cells: each cell needs one.")
    pairs = [(guess, value) for guess, value in zip(guesses, truth, strict=True) if value is not None]
    if not pairs:
        raise ValueError("Every cell is missing: there is nothing to recover.")
    wrong = {value for guess, value in pairs if guess != value}
    values = {value for _, value in pairs}
    return sum(guess == value for guess, value in pairs) / len(pairs), 1 - len(wrong) / len(values)


def _plain(values):
    """A list of plain Python values, with None for missing ones. pandas 2 and 3 store texts differently."""
    import pandas as pd

    column = pd.Series(list(values), dtype=object)
    return column.where(column.notna(), None).tolist()


def _known(auxiliary):
    if not (known := shares(auxiliary)):
        raise ValueError("The auxiliary data holds no value: the attack needs values of similar people.")
    return known


def _read(cells, guess, known):
    """For each filled cell what the dict ``guess`` says of it, or else the commonest known value."""
    commonest = next(iter(known))
    return [None if cell is None else guess.get(cell, commonest) for cell in cells]


def _in_order(share_of):
    values = sorted(share_of)
    return values, np.array([share_of[value] for value in values])
