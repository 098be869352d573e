"""A table encrypted cell by cell, and the attacks that count what repeats.

Columns come as any sequence of texts, numbers or dates, in which None, NaN and NA are missing; see inputs.column.
"""

import hashlib
import hmac
import itertools
import math
import os
from collections import Counter, namedtuple

import numpy as np

from .. import inputs
from .ciphers import TAG_AND_NONCE, sized

SCHEMES = ("deterministic", "order-preserving", "randomised")

# Bytes that a scheme adds to a cell's text. One stands in front, so that an empty text can be encrypted too.
ADDED = {"deterministic": 1 + 16, "randomised": 1 + TAG_AND_NONCE}


def encrypt_column(values, key, scheme):
    """Encrypt a table's column cell by cell, with one of SCHEMES.

    values: a column; a missing value stays missing, as most databases leave it. key: 32 bytes. deterministic: AES-SIV,
    equal cells become equal. randomised: AES-GCM with a fresh nonce for each cell, so that no two cells are equal; both
    give hexadecimal texts, whose length is that of the text (UTF-8) and ADDED. order-preserving: integers, larger for
    larger values, with a gap between neighbours, from 1 to 2**32, that only the key tells. That is no published cipher:
    it shows what each such scheme must show, equality and order, and roughly how far apart values are. Returns a list
    as long as ``values``.
    Source: RFC 5297 (AES-SIV), NIST SP 800-38D (AES-GCM); A. Boldyreva and others, EUROCRYPT 2009.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

    values, key = _plain("values", values), sized("key", key, (32,))
    if inputs.choice("scheme", scheme, SCHEMES) == "order-preserving":
        ordered = _in_order("values", _shares(values))
        gaps = (1 + int.from_bytes(hmac.digest(key, _encoded(value), "sha256")[:4], "big") for value in ordered)
        code = dict(zip(ordered, itertools.accumulate(gaps), strict=True))
        return [None if value is None else code[value] for value in values]

    def encrypt_cell(value):
        text = b"v" + _encoded(value)
        if scheme == "deterministic":
            return AESSIV(key).encrypt(text, None).hex()
        nonce = os.urandom(12)
        return (nonce + AESGCM(key).encrypt(nonce, text, None)).hex()

    return [None if value is None else encrypt_cell(value) for value in values]


def keyed_pseudonym(value, key):
    """A pseudonym that only a holder of the key can compute: HMAC-SHA-256, its first 16 hexadecimal characters.

    value: a text, a number or a date. key: at least 16 secret bytes. Equal values get equal pseudonyms under one key,
    and unrelated ones under another.
    Source: RFC 2104.
    """
    key, [plain] = inputs.byte_string("key", key), _plain("value", [value])
    if len(key) < 16:
        raise ValueError(f"The key must have at least 16 bytes, but has {len(key)}. os.urandom(32) makes a good one.")
    if plain is None:
        raise ValueError(f"A pseudonym needs a text, a number or a date, but {value!r} was given, which is missing.")
    return hmac.new(key, _encoded(plain), hashlib.sha256).hexdigest()[:16]


def shares(column):
    """How common each value of a column is: a dict from value to share, commonest first; shares add up to 1.

    Missing values do not count. Of equally common values, the one that stands first in the column comes first. A column
    without a value gives an empty dict.
    """
    return _shares(_plain("column", column))


def _shares(plain):
    counts = Counter(value for value in plain if value is not None)
    return {value: count / counts.total() for value, count in counts.most_common()}


def match_by_frequency(cells, auxiliary):
    """Guess a deterministically encrypted column: the commonest ciphertext is the commonest value, and so on.

    cells: ciphertexts; missing cells get no guess (None). auxiliary: values of similar people, in the clear. Ties are
    broken by who comes first. Ciphertexts in excess of the known values get the commonest value. Returns a list of
    guesses, one a cell. Raises ValueError when the auxiliary has no value.
    Source: M. Naveed, S. Kamara, C. Wright, CCS 2015 (frequency analysis).
    """
    cells, known = _plain("cells", cells), _known(auxiliary)
    return _read(cells, dict(zip(_shares(cells), known, strict=False)), known)


def match_by_length(cells, auxiliary, added):
    """Guess a column of texts by the lengths of its cells, and by frequency among texts of one length.

    cells: hexadecimal, two characters a byte. added: how many bytes a cipher adds to a text, whose own are those of
    UTF-8. Cells of a length that no known text has get no guess (None). Where all cells of a length differ, each gets
    the commonest known text of that length. Returns a list of guesses, one a cell.
    """
    cells, known, added = _plain("cells", cells), _known(auxiliary), inputs.whole("added", added, 0)
    guess, filled = {}, [inputs.text("each of cells", cell) for cell in cells if cell is not None]
    for length in set(map(len, filled)):
        here = [cell for cell in filled if len(cell) == length]
        fitting = {value: share for value, share in known.items() if len(_encoded(value)) == length // 2 - added}
        if fitting:
            seen = _shares(here)
            ranked = dict(zip(seen, fitting, strict=False)) if len(seen) < len(here) else {}
            guess |= zip(here, _read(here, ranked, fitting), strict=True)
    return [guess.get(cell) for cell in cells]


def match_by_order(cells, auxiliary):
    """Guess an order-preserving column: match how common values are *and* how many lie below them.

    cells: numbers; missing cells get no guess (None). auxiliary: values of similar people, in the clear. Each
    ciphertext gets another value, so that the squared differences of the shares, and of the cumulative shares, add up
    to the least (an assignment problem). Ciphertexts in excess of the known values get the commonest value. Returns a
    list of guesses, one a cell. Raises ValueError when the auxiliary has no value.
    Source: M. Naveed, S. Kamara, C. Wright, CCS 2015 (cumulative attack).
    """
    from scipy.optimize import linear_sum_assignment

    cells, known = _plain("cells", cells), _known(auxiliary)
    seen = _shares(cells)
    codes, values = _in_order("cells", seen), _in_order("auxiliary", known)
    code_shares, value_shares = (np.array([s[one] for one in o]) for s, o in ((seen, codes), (known, values)))
    cost = np.subtract.outer(code_shares, value_shares) ** 2
    cost += np.subtract.outer(code_shares.cumsum(), value_shares.cumsum()) ** 2
    return _read(cells, {codes[i]: values[j] for i, j in zip(*linear_sum_assignment(cost), strict=True)}, known)


def match_together(cells, auxiliary):
    """Guess two encrypted columns at once: which values share a row is as telling as which are common.

    cells: DataFrame of two columns, both deterministically encrypted. auxiliary: the same columns of similar people, in
    the clear. Every order of the column with fewer values is tried, at most 5,040 (7 values). For each, the ciphertexts
    of the other get the values under which the pairs seen are likeliest (an assignment problem). Everybody sees a
    missing cell: it counts as a value, and gets no guess. Ciphertexts in excess of the known values get the commonest
    value. Returns a DataFrame of guesses, as large as ``cells``. Raises ValueError for more values than can be tried.
    Source of the idea: V. Bindschaedler, P. Grubbs, D. Cash, T. Ristenpart, V. Shmatikov, PVLDB 2018.
    """
    import pandas as pd
    from scipy.optimize import linear_sum_assignment

    few, many = _fewer_first(cells, auxiliary)
    seen = _pairs(few.cells, many.cells, few.codes, many.codes)
    known = _pairs(few.known, many.known, few.values, many.values) + 0.5  # no pair is thought impossible
    likely, best = np.log(known / known.sum()), -math.inf
    for order in itertools.permutations(range(len(few.values)), len(few.codes)):
        fit = seen.T @ likely[[*order, -1]]  # how well each ciphertext fits each value; the last of each: missing
        pairing = linear_sum_assignment(fit[:-1, :-1], maximize=True)
        if (score := fit[:-1, :-1][pairing].sum() + fit[-1, -1]) > best:
            best, found = score, (order, pairing[1])
    guesses = {}
    for side, places in zip((few, many), found, strict=True):
        guess = {code: side.values[j] for code, j in zip(side.codes, places, strict=True) if side.values[j] != _SPARE}
        guesses[side.name] = _read(side.cells, guess, side.values)
    return pd.DataFrame(guesses, cells.index, cells.columns, dtype=object)


_SPARE = object()  # stands for a value that the auxiliary data lacks
_Side = namedtuple("_Side", "name cells known codes values orders")


def _fewer_first(cells, auxiliary):
    """The two columns of match_together, first the one whose values have fewer orders."""
    names, sides = list(inputs.table("cells", cells).columns), []
    if len(names) != 2:
        raise ValueError(f"cells must have two columns, but it has {len(names)}: {', '.join(map(str, names))}.")
    for table, given in (("cells", cells), ("auxiliary", auxiliary)):
        inputs.table(table, given, names)
    for name in names:
        here, there = _plain("cells", cells[name]), _plain("auxiliary", auxiliary[name])
        codes, values = list(_shares(here)), list(_known(there))
        values += [_SPARE] * (len(codes) - len(values))
        sides.append(_Side(name, here, there, codes, values, math.perm(len(values), len(codes))))
    few, many = sorted(sides, key=lambda side: side.orders)
    if few.orders > 5040 or few.orders * len(many.values) ** 2 > 10**7:
        sizes = f"{len(few.values)} in {few.name!r}, {len(many.values)} in {many.name!r}"
        raise ValueError(f"Too many values to try: {sizes}. At most 7 beside 40, or 6 beside 100: group some.")
    return few, many


def _pairs(rows, columns, of_rows, of_columns):
    """How often each of two columns' values share a row; a last row and a last column count missing cells."""
    count = Counter(zip(rows, columns, strict=True))
    return np.array([[count[one, other] for other in [*of_columns, None]] for one in [*of_rows, None]], float)


def guess_commonest(cells, auxiliary):
    """The baseline: for every filled cell the auxiliary's commonest value, whatever the ciphertext says."""
    return _read(_plain("cells", cells), {}, _known(auxiliary))


def recovered(guesses, truth):
    """Which share of a column was guessed right, as (of rows, of distinct values), each from 0 to 1.

    Rows whose truth is missing do not count. A value counts as recovered when every row that holds it was guessed
    right. Raises ValueError for another number of guesses, or no value at all.
    """
    guesses, truth = _plain("guesses", guesses), _plain("truth", truth)
    if len(guesses) != len(truth):
        raise ValueError(f"There are {len(guesses)} guesses for {len(truth)} cells: each cell needs one.")
    pairs = [(guess, value) for guess, value in zip(guesses, truth, strict=True) if value is not None]
    if not pairs:
        raise ValueError("Every cell is missing: there is nothing to recover.")
    wrong = {value for guess, value in pairs if guess != value}
    values = {value for _, value in pairs}
    return sum(guess == value for guess, value in pairs) / len(pairs), 1 - len(wrong) / len(values)


def _plain(name, values):
    """inputs.column, with whole numbers as int: a column of ages becomes one of floats when a cell is missing."""
    from pandas.api.types import is_scalar

    plain = [int(one) if isinstance(one, float) and one.is_integer() else one for one in inputs.column(name, values)]
    if odd := [one for one in plain if not is_scalar(one)]:
        raise TypeError(f"{name} must hold texts, numbers or dates, but {inputs.described(odd[0])} was given.")
    return plain


def _encoded(value):
    """The bytes of a value of a column: a text's in UTF-8."""
    return value if isinstance(value, bytes) else str(value).encode()


def _known(auxiliary):
    if not (known := _shares(_plain("auxiliary", auxiliary))):
        raise ValueError("The auxiliary data holds no value: the attack needs values of similar people.")
    return known


def _read(cells, guess, known):
    """For each filled cell what the dict ``guess`` says of it, or else the commonest known value."""
    commonest = next(iter(known))
    return [None if cell is None else guess.get(cell, commonest) for cell in cells]


def _in_order(name, values):
    try:
        return sorted(values)
    except TypeError:
        kinds = ", ".join(sorted({type(one).__name__ for one in values}))
        raise TypeError(f"{name} must hold values of one kind that have an order, but {kinds} were given.") from None
