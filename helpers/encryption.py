"""Ciphers in their right and wrong modes, and the attacks that go round them.

The package ``cryptography`` does the ciphers. No attack here breaks a cipher: each uses
what repeats, what can be guessed, what was used twice, or what the size shows.
"""

import hashlib
import hmac
import itertools
import math
import os
import string
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np

from .data import LICENCES, MEDALLIONS, PLACES

# --- ciphers ------------------------------------------------------------------

MODES = ("ECB", "CBC", "GCM")


def encrypt(message, key, mode):
    """Encrypt bytes with AES in one of MODES.

    message: bytes; for ECB and CBC a multiple of 16 long. key: 16, 24 or 32 bytes.
    CBC and GCM draw a fresh random start (16 and 12 bytes) from the operating system.
    Returns the ciphertext alone, as long as the message: without the start, and without
    GCM's 16-byte tag, so that it can be shown beside the message.
    Raises ValueError for an empty message, another length, another mode or key.
    Source: NIST SP 800-38A (ECB, CBC) and SP 800-38D (GCM).
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    _check_key(key, (16, 24, 32))
    if mode not in MODES:
        raise ValueError(f"The mode must be one of {', '.join(MODES)}, but {mode!r} was given.")
    if len(message) == 0:
        raise ValueError("There is nothing to encrypt: the message is empty.")
    if mode != "GCM" and len(message) % 16:
        raise ValueError(
            f"{mode} encrypts blocks of 16 bytes, but the message has {len(message)} bytes. Pad it to a multiple of 16."
        )
    start = {"ECB": modes.ECB, "CBC": lambda: modes.CBC(os.urandom(16)), "GCM": lambda: modes.GCM(os.urandom(12))}
    encryptor = Cipher(algorithms.AES(key), start[mode]()).encryptor()
    return encryptor.update(message) + encryptor.finalize()


def repeated_share(message, block=16):
    """The share of blocks that occur more than once, from 0 to 1.

    message: bytes, or a uint8 array; a last block that is not full is left out.
    block: bytes in a block. Raises ValueError when there is no full block.
    """
    message = bytes(message)
    counts = Counter(message[start : start + block] for start in range(0, len(message) - block + 1, block))
    if not counts:
        raise ValueError(f"There is no full block of {block} bytes in {len(message)} bytes.")
    return sum(count for count in counts.values() if count > 1) / counts.total()


def in_grey_levels(picture, levels):
    """A uint8 picture with only so many evenly spaced grey levels, from 2 to 256. Raises ValueError for others."""
    if not 2 <= levels <= 256:
        raise ValueError(f"A picture can have 2 to 256 grey levels, but {levels} were asked for.")
    step = picture.astype(np.uint16) * levels // 256
    return (step * 255 // (levels - 1)).astype(np.uint8)


def _check_key(key, lengths):
    if not isinstance(key, (bytes, bytearray)):
        raise TypeError(
            f"A key is bytes, but {type(key).__name__} was given. os.urandom({lengths[0]}) makes a good one."
        )
    if len(key) not in lengths:
        allowed = " or ".join(map(str, lengths))
        raise ValueError(
            f"The key must have {allowed} bytes, but {len(key)} were given. os.urandom({lengths[0]}) makes a good one."
        )


# --- identifiers that can be guessed --------------------------------------------

TAXI_FORMATS = MEDALLIONS + LICENCES


def alphabets(pattern):
    """The characters allowed at each place of a format, as a list of texts.

    pattern: 9 stands for any digit, X for any capital letter, anything else for itself.
    Raises ValueError for an empty format or one that is not ASCII.
    """
    if not pattern or not pattern.isascii():
        raise ValueError(
            f"A format has ASCII characters only (9: a digit, X: a capital letter), but {pattern!r} was given."
        )
    return [PLACES.get(place, place) for place in pattern]


def count_identifiers(patterns):
    """How many identifiers the formats allow together; formats must not overlap."""
    return sum(math.prod(map(len, alphabets(pattern))) for pattern in patterns)


def identifiers(pattern):
    """All identifiers of one format, in order, one after the other."""
    return map("".join, itertools.product(*alphabets(pattern)))


def search(digests, candidates, digest_of):
    """The readable loop: try every candidate, and keep those whose digest was released.

    digests: hexadecimal texts. candidates: texts. digest_of: function from a text to its digest.
    Returns a dict from each digest found to its identifier.
    """
    released, found = set(digests), {}
    for candidate in candidates:
        digest = digest_of(candidate)
        if digest in released:
            found[digest] = candidate
    return found


def md5(text):
    """MD5 of a text, as 32 hexadecimal characters. Source: RFC 1321."""
    return hashlib.md5(text.encode()).hexdigest()


# RFC 1321. For each of the 64 steps: by how many bits to turn, which of the message's
# 16 words to add, and a constant.
_TURN = [
    turns[i % 4] for turns in ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21)) for i in range(16)
]
_WORD = [i for i in range(16)] + [(5 * i + 1) % 16 for i in range(16)]
_WORD += [(3 * i + 5) % 16 for i in range(16)] + [7 * i % 16 for i in range(16)]
_CONSTANT = [int(abs(math.sin(i + 1)) * 2**32) for i in range(64)]
_START = [np.uint32(word) for word in (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)]

_CHUNK = 2**18  # 1 MiB an array: shorter pieces fit a core's own cache, but there threads wait for each other
_BITMAP = 22  # bits; 4 MiB of booleans, and one candidate in eighty passes by chance for 50,000 targets


def md5_registers(words, scratch, steps=64):
    """MD5 of many one-block messages at once: the four registers after so many steps.

    words: 16 entries, the message's words; each an int (the same in every message) or a
    uint32 array of shape (n,). scratch: six uint32 arrays of shape (n,), which are overwritten.
    Returns four of them: A, B, C, D before the last addition of RFC 1321.
    """
    a, b, c, d, f, other = scratch
    for register, start in zip((a, b, c, d), _START, strict=True):
        register.fill(start)
    for i in range(steps):
        # Written with the fewest passes over memory: the RFC's (b & c) | (~b & d) is d ^ (b & (c ^ d)).
        if i < 16:
            np.bitwise_xor(c, d, out=f)
            np.bitwise_and(f, b, out=f)
            np.bitwise_xor(f, d, out=f)
        elif i < 32:
            np.bitwise_xor(b, c, out=f)
            np.bitwise_and(f, d, out=f)
            np.bitwise_xor(f, c, out=f)
        elif i < 48:
            np.bitwise_xor(b, c, out=f)
            np.bitwise_xor(f, d, out=f)
        else:
            np.invert(d, out=f)
            np.bitwise_or(f, b, out=f)
            np.bitwise_xor(f, c, out=f)
        word = words[_WORD[i]]
        np.add(f, a, out=f)
        if isinstance(word, int):
            np.add(f, np.uint32((_CONSTANT[i] + word) % 2**32), out=f)
        else:
            np.add(f, np.uint32(_CONSTANT[i]), out=f)
            np.add(f, word, out=f)
        np.right_shift(f, np.uint32(32 - _TURN[i]), out=other)
        np.left_shift(f, np.uint32(_TURN[i]), out=f)
        np.bitwise_or(f, other, out=f)
        np.add(f, b, out=f)
        a, b, c, d, f = d, f, b, c, a
    return a, b, c, d


def search_md5(digests, patterns, suffix="", threads=2):
    """The fast search: every identifier of the formats, in NumPy. The same result as ``search``.

    digests: MD5 digests, 32 hexadecimal characters each. patterns: formats, see ``alphabets``.
    suffix: text that follows every identifier before it is hashed (a public salt).
    threads: NumPy lets go of Python's lock inside each operation, so threads do share the work.
    Returns a dict from each digest found to its identifier, without the suffix.

    Most candidates are dropped after 61 of MD5's 64 steps, when the first of four registers is
    final: a bitmap of its leading bits says whether any target begins so. What is left is hashed
    in full and looked up among the targets, sorted by their first 64 bits.
    Raises ValueError for a digest of another length, for identifier and suffix of more than
    55 bytes (MD5's first block) and for more than two billion identifiers.
    """
    digests = [digest.lower() for digest in digests]
    if wrong := [digest for digest in digests if len(digest) != 32 or set(digest) - set(string.hexdigits)]:
        raise ValueError(f"An MD5 digest has 32 hexadecimal characters, but {wrong[0]!r} was given.")
    if (size := count_identifiers(patterns)) > 2e9:
        raise ValueError(f"{size:,} identifiers are too many for this search: at most 2,000,000,000.")
    for pattern in patterns:
        if len(pattern) + len(suffix.encode()) > 55:
            raise ValueError("Identifier and suffix must have at most 55 bytes together: one block of MD5.")
    if not digests:
        return {}

    targets = np.unique(np.frombuffer(bytes.fromhex("".join(digests)), "<u4").reshape(-1, 4), axis=0)
    bitmap = np.zeros(2**_BITMAP, bool)
    bitmap[(targets[:, 0] - _START[0]) >> np.uint32(32 - _BITMAP)] = True
    work, one_at_a_time = (words for pattern in patterns for words in _pieces(pattern, suffix.encode())), Lock()

    def survivors(_):
        buffers, kept = np.empty((6, _CHUNK), np.uint32), [np.empty((16, 0), np.uint32)]
        while True:
            with one_at_a_time:
                words = next(work, None)
            if words is None:
                return np.concatenate(kept, axis=1)
            n = max(len(word) for word in words if not isinstance(word, int))
            _, newest, _, other = md5_registers(words, buffers[:, :n], steps=61)
            np.right_shift(newest, np.uint32(32 - _BITMAP), out=other)
            hits = np.flatnonzero(np.take(bitmap, other))
            kept.append(
                [np.full(len(hits), word, np.uint32) if isinstance(word, int) else word[hits] for word in words]
            )

    with ThreadPoolExecutor(threads) as pool:
        candidates = np.concatenate(list(pool.map(survivors, range(threads))), axis=1)
    return _look_up(targets, candidates, len(suffix.encode()))


def _pieces(pattern, suffix):
    """All messages of a format, in pieces of at most _CHUNK: lists of 16 words for md5_registers.

    The first four characters, MD5's first word, vary fastest, so that the later words are the
    same in all of a piece and cost nothing. Where there are few first words, several later ones
    are put into a piece.
    """
    places = [np.frombuffer(text.encode(), np.uint8).astype(np.uint32) for text in alphabets(pattern)]
    head, tails = _words(places[:4]), _words(places[4:])
    fixed = bytes(len(pattern)) + suffix + b"\x80"
    fixed += bytes(56 - len(fixed)) + (8 * (len(fixed) - 1)).to_bytes(8, "little")
    fixed = [int(word) for word in np.frombuffer(fixed, "<u4")]
    head = head[0] + np.uint32(fixed[0])

    if len(head) > _CHUNK // 2:
        for tail in tails.T:
            words = fixed.copy()
            for i, word in enumerate(tail):
                words[i + 1] += int(word)
            for part in np.array_split(head, -(-len(head) // _CHUNK)):
                yield [part, *words[1:]]
    else:
        at_once = _CHUNK // len(head)
        for start in range(0, tails.shape[1], at_once):
            tail = tails[:, start : start + at_once]
            words = [np.tile(head, tail.shape[1]), *fixed[1:]]
            for i, word in enumerate(tail):
                words[i + 1] = np.repeat(word, len(head)) + np.uint32(fixed[i + 1])
            yield words


def _words(places):
    """Every choice of one character a place, packed four to a uint32: shape (words, choices)."""
    words = np.zeros((-(-len(places) // 4), *map(len, places)), np.uint32)
    for i, characters in enumerate(places):
        shape = [1] * len(places)
        shape[i] = -1
        words[i // 4] += (characters << np.uint32(8 * (i % 4))).reshape(shape)
    return words.reshape(len(words), math.prod(map(len, places)))


def _look_up(targets, candidates, suffix_length):
    """Which candidates, shape (16, n), hash to which targets, shape (m, 4): a dict from digest to identifier."""
    n = candidates.shape[1]
    registers = md5_registers(list(candidates), np.empty((6, n), np.uint32))
    hashed = np.stack([register + start for register, start in zip(registers, _START, strict=True)], axis=1)

    def first_64_bits(words):
        return words[:, 0].astype(np.uint64) << np.uint64(32) | words[:, 1].astype(np.uint64)

    # np.unique has sorted the targets by these very bits.
    spots = np.searchsorted(first_64_bits(targets), first_64_bits(hashed)).clip(max=len(targets) - 1)
    hits = np.flatnonzero((targets[spots] == hashed).all(axis=1))
    found = {}
    for message, digest in zip(candidates.T[hits].astype("<u4"), hashed[hits].astype("<u4"), strict=True):
        length = int(message[14]) // 8 - suffix_length
        found[digest.tobytes().hex()] = message.tobytes()[:length].decode()
    return found


# --- tables, cell by cell -------------------------------------------------------

SCHEMES = ("deterministic", "order-preserving", "randomised")


def encrypt_column(values, key, scheme, domain=None):
    """Encrypt a table's column cell by cell, with one of SCHEMES.

    values: any sequence; a missing value (None, NaN) stays missing, as most databases leave it.
    key: 32 bytes. domain: for order-preserving, every value that could occur (default: those that do).
    deterministic: AES-SIV, equal cells become equal. randomised: AES-GCM with a fresh nonce for
    each cell, so that no two cells are equal; both give hexadecimal texts, whose length is that of the
    text and 17 or 29 bytes more. order-preserving: the integers of order_preserving_code.
    Returns a list as long as ``values``. Raises ValueError for another scheme or key, or a value
    outside of ``domain``.
    Source: RFC 5297 (AES-SIV), NIST SP 800-38D (AES-GCM).
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

    _check_key(key, (32,))
    if scheme not in SCHEMES:
        raise ValueError(f"The scheme must be one of {', '.join(SCHEMES)}, but {scheme!r} was given.")
    values = _plain(values)
    if scheme == "order-preserving":
        code = order_preserving_code(
            {value for value in values if value is not None} if domain is None else domain, key
        )
        if outside := {value for value in values if value is not None} - code.keys():
            raise ValueError(f"The domain does not hold the value {next(iter(outside))!r}. It must hold every value.")
        return [None if value is None else code[value] for value in values]

    def encrypt_cell(value):
        text = str(value).encode()
        if scheme == "deterministic":
            # The type byte in front lets an empty text be encrypted too.
            return AESSIV(key).encrypt(b"v" + text, None).hex()
        nonce = os.urandom(12)
        return (nonce + AESGCM(key).encrypt(nonce, b"v" + text, None)).hex()

    return [None if value is None else encrypt_cell(value) for value in values]


def order_preserving_code(domain, key):
    """A simple order-preserving code: a dict from each value to an integer, larger for larger values.

    Between one value and the next lies a gap, from 1 to 2**32, that only the key tells. This is a
    keyed random monotone map and no published cipher. It shows what every order-preserving scheme
    must show, equality and order, and also roughly how far apart values are; do not use it to protect anything.
    domain: values that can be sorted. key: 32 bytes.
    Source of the idea: A. Boldyreva, N. Chenette, Y. Lee, A. O'Neill, EUROCRYPT 2009.
    """
    _check_key(key, (32,))
    domain = sorted(domain)
    gaps = (1 + int.from_bytes(hmac.digest(key, repr(value).encode(), "sha256")[:4], "big") for value in domain)
    return dict(zip(domain, itertools.accumulate(gaps), strict=True))


def shares(column):
    """How common each value of a column is: a dict from value to share, commonest first; shares add up to 1.

    column: any sequence; missing values (None, NaN) do not count. Of equally common values, the one
    that stands first in the column comes first. A column without a value gives an empty dict.
    """
    counts = Counter(value for value in _plain(column) if value is not None)
    return {value: count / counts.total() for value, count in counts.most_common()}


def match_by_frequency(cells, auxiliary):
    """Guess a deterministically encrypted column: the commonest ciphertext is the commonest value, and so on.

    cells: ciphertexts; missing cells get no guess (None). auxiliary: values of similar people, in the clear.
    Ties are broken by who comes first. Ciphertexts in excess of the known values get the commonest value.
    Returns a list of guesses, one a cell. Raises ValueError when the auxiliary has no value.
    Source: M. Naveed, S. Kamara, C. Wright, CCS 2015 (frequency analysis).
    """
    cells, known = _plain(cells), _ranked(auxiliary)
    guess = dict(zip(shares(cells), known, strict=False))
    return [None if cell is None else guess.get(cell, known[0]) for cell in cells]


def match_by_length(cells, auxiliary, added):
    """Guess a column of texts by the lengths of its cells, and by frequency among texts of one length.

    cells: hexadecimal, two characters a byte. added: how many bytes a cipher adds to a text.
    Cells of a length that no known text has get no guess (None). Where all cells of a length differ,
    each gets the commonest known text of that length. Returns a list of guesses, one a cell.
    """
    guesses = [None] * len(cells)
    for length in set(map(len, cells)):
        here = [i for i, cell in enumerate(cells) if len(cell) == length]
        fitting = [value for value in auxiliary if len(value) == length // 2 - added]
        if not fitting:
            continue
        texts = [cells[i] for i in here]
        match = match_by_frequency if len(set(texts)) < len(texts) else guess_commonest
        for i, guess in zip(here, match(texts, fitting), strict=True):
            guesses[i] = guess
    return guesses


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

    cells, known = _plain(cells), _ranked(auxiliary)
    codes, code_shares = _in_order(shares(cells))
    values, value_shares = _in_order(shares(auxiliary))
    cost = np.subtract.outer(code_shares, value_shares) ** 2
    cost += np.subtract.outer(code_shares.cumsum(), value_shares.cumsum()) ** 2
    guess = {codes[i]: values[j] for i, j in zip(*linear_sum_assignment(cost), strict=True)}
    return [None if cell is None else guess.get(cell, known[0]) for cell in cells]


def guess_commonest(cells, auxiliary):
    """The baseline: for every filled cell the auxiliary's commonest value, whatever the ciphertext says."""
    known = _ranked(auxiliary)
    return [None if cell is None else known[0] for cell in _plain(cells)]


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


def _ranked(auxiliary):
    if not (ranked := list(shares(auxiliary))):
        raise ValueError("The auxiliary data holds no value: the attack needs values of similar people.")
    return ranked


def _in_order(share_of):
    values = sorted(share_of)
    return values, np.array([share_of[value] for value in values])


# --- a key stream that is used twice ----------------------------------------------


def encrypt_with_one_nonce(texts, key, nonce):
    """Encrypt texts with AES in counter mode, all from the same start: the mistake of section 4.

    texts: list of str (encoded as UTF-8: one byte a character for ASCII, more for others) or bytes.
    key: 16, 24 or 32 bytes. nonce: 16 bytes, which should be fresh for every text.
    Returns a list of bytes, each as long as its text. Raises ValueError for another key or nonce.
    Source: NIST SP 800-38A (counter mode).
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    _check_key(key, (16, 24, 32))
    if len(nonce) != 16:
        raise ValueError(f"Counter mode starts from 16 bytes, but {len(nonce)} were given.")
    cipher = Cipher(algorithms.AES(key), modes.CTR(nonce))
    return [cipher.encryptor().update(text.encode() if isinstance(text, str) else text) for text in texts]


def letter_shares(texts):
    """How common each byte is in texts of the same language: shape (256,), adds up to 1.

    Every byte is counted once more than it occurs, so that none is thought impossible.
    Raises ValueError when the texts hold nothing.
    """
    everything = b"".join(text.encode() if isinstance(text, str) else text for text in texts)
    if not everything:
        raise ValueError("Letters can only be counted in texts that hold some: the texts are empty.")
    counts = np.bincount(np.frombuffer(everything, np.uint8), minlength=256) + 1.0
    return counts / counts.sum()


def guess_keystream(ciphertexts, shares):
    """The most probable key stream behind texts that were encrypted with the same one.

    ciphertexts: list of bytes; an empty one tells nothing and is passed over.
    shares: from letter_shares. At each position every key byte is tried: it turns the column of
    ciphertext bytes into letters, and the key byte whose letters are most common wins.
    Returns uint8, shape (longest,). Raises ValueError when there is no byte at all, or for shares
    of another shape.
    """
    if np.shape(shares) != (256,):
        raise ValueError(f"letter_shares gives a share for each of 256 bytes, but shape {np.shape(shares)} was given.")
    longest = max(map(len, ciphertexts), default=0)
    if longest == 0:
        raise ValueError("There is no ciphertext to work on: every record is empty.")
    counts = np.zeros((longest, 256))  # how often each byte stands at each position
    for ciphertext in ciphertexts:
        counts[np.arange(len(ciphertext)), np.frombuffer(ciphertext, np.uint8)] += 1
    every = np.arange(256)
    return (counts @ np.log(shares)[every[:, None] ^ every]).argmax(axis=1).astype(np.uint8)


def apply_keystream(stream, ciphertext):
    """Add a key stream to a ciphertext (or a text): bytes, as long as the shorter of the two."""
    n = min(len(stream), len(ciphertext))
    return (np.frombuffer(bytes(stream[:n]), np.uint8) ^ np.frombuffer(ciphertext[:n], np.uint8)).tobytes()


def share_right(guessed, texts):
    """The share of bytes guessed right over all texts, from 0 to 1. Both are lists of bytes of the same lengths."""
    if [len(text) for text in guessed] != [len(text) for text in texts]:
        raise ValueError("Each guess must be as long as its text.")
    if not (guessed := b"".join(guessed)):
        raise ValueError("The texts are empty: there is nothing to compare.")
    return float((np.frombuffer(guessed, np.uint8) == np.frombuffer(b"".join(texts), np.uint8)).mean())


# --- lengths ------------------------------------------------------------------------

TAG = 16 + 12  # bytes that AES-GCM adds to every message: its tag, and the nonce


def pad_to_multiple(length, multiple):
    """The next multiple of ``multiple`` that is at least ``length``. Both count bytes; multiple is at least 1."""
    if multiple < 1:
        raise ValueError(f"Lengths are padded to a multiple of at least 1 byte, but {multiple} was given.")
    return -(-length // multiple) * multiple


def padme(length):
    """Length after Padmé padding: the longer the message, the coarser the step, at most 12 % more.

    length: bytes, at least 0. The steps keep only so many leading bits of the length as it takes
    to write down its exponent.
    Source: K. Nikitin, L. Barman, W. Lueks, M. Underwood, J.-P. Hubaux, B. Ford, PETS 2019.
    """
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    return pad_to_multiple(length, 2 ** (exponent - exponent.bit_length()))


def given_away(lengths):
    """The share of messages that are the only ones of their length, from 0 to 1.

    lengths: one for each message, any number of bytes. Raises ValueError for no message.
    """
    counts = Counter(lengths)
    if not counts:
        raise ValueError("There is no message to look at.")
    return sum(counts[length] == 1 for length in lengths) / len(lengths)


def named_right(lengths):
    """How often one who sees only the length names the right message, if all are equally likely.

    The best guesser has one guess for each length, so it is the number of distinct lengths
    divided by the number of messages. Raises ValueError for no message.
    """
    if len(lengths) == 0:
        raise ValueError("There is no message to look at.")
    return len(set(lengths)) / len(lengths)
