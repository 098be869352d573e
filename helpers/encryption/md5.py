"""Formats of identifiers, and MD5 of all of them at once: who has a list of digests tries every identifier."""

import itertools
import math
import string
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np

# Formats of identifiers: 9 stands for any digit, X for any capital letter, anything else for itself.
# Medallions look like 9Y99; licences have six digits, or seven of which the first is 5. This is what
# the press of 2014 reported of New York, and an assumption: other formats may exist.
PLACES = {"9": string.digits, "X": string.ascii_uppercase}

MEDALLIONS = ("9X99", "XX999", "XXX999")

LICENCES = ("999999", "5999999")

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
