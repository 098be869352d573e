"""Formats of identifiers, and MD5 of all of them at once: who has a list of digests tries every identifier."""

import hashlib
import itertools
import math
import string

import numpy as np

from .. import inputs
from ..progress import in_two_threads

# Formats of identifiers: 9 stands for any digit, X for any capital from A to Z, anything else for itself.
# Medallions look like 9Y99; licences have six digits, or seven of which the first is 5. This is what
# the press of 2014 reported of New York, and an assumption: other formats may exist.
PLACES = {"9": string.digits, "X": string.ascii_uppercase}
MEDALLIONS = ("9X99", "XX999", "XXX999")
LICENCES = ("999999", "5999999")
TAXI_FORMATS = MEDALLIONS + LICENCES


def alphabets(pattern):
    """The characters allowed at each place of a format (see PLACES; ASCII only), as a list of texts."""
    if not inputs.text("pattern", pattern) or not pattern.isascii():
        raise ValueError(f"A format has ASCII characters only (9: a digit, X: A to Z), but {pattern!r} was given.")
    return [PLACES.get(place, place) for place in pattern]


def count_identifiers(patterns):
    """How many identifiers the formats of a list allow together; formats must not overlap."""
    return sum(math.prod(map(len, alphabets(pattern))) for pattern in inputs.sequence("patterns", patterns))


def identifiers(pattern):
    """All identifiers of one format, in order, one after the other."""
    return map("".join, itertools.product(*alphabets(pattern)))


# RFC 1321. For each of the 64 steps: by how many bits to turn, which of the message's
# 16 words to add, and a constant.
_TURN = 4 * [7, 12, 17, 22] + 4 * [5, 9, 14, 20] + 4 * [4, 11, 16, 23] + 4 * [6, 10, 15, 21]
_WORD = [*range(16)] + [(5 * i + 1) % 16 for i in range(16)]
_WORD += [(3 * i + 5) % 16 for i in range(16)] + [7 * i % 16 for i in range(16)]
_CONSTANT = [int(abs(math.sin(i + 1)) * 2**32) for i in range(64)]
_START = [np.uint32(word) for word in (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)]

_CHUNK = 2**18  # 1 MiB an array: shorter pieces fit a core's own cache, but there threads wait for each other
_BITMAP = 22  # bits; 4 MiB of booleans, and one candidate in eighty passes by chance for 50,000 targets


def search_md5(digests, patterns):
    """The fast search: every identifier of the formats, in NumPy.

    digests: MD5 digests, 32 hexadecimal characters each. patterns: a list of formats of at most 55 characters (MD5's
    first block), at most two billion identifiers; what stands for itself there, such as a public salt, is hashed too.
    Returns a dict from each digest found to its identifier, as a loop over all identifiers would.

    Most candidates are dropped after 61 of MD5's 64 steps, when the first of four registers is final: a bitmap of its
    leading bits says whether any target begins so. Few of the rest have the whole first register of a target. hashlib
    hashes those, as the loop does.
    """
    digests = {inputs.text("each of digests", digest).lower() for digest in inputs.sequence("digests", digests)}
    patterns = inputs.sequence("patterns", patterns)
    if wrong := [digest for digest in digests if len(digest) != 32 or set(digest) - set(string.hexdigits)]:
        raise ValueError(f"An MD5 digest has 32 hexadecimal characters, but {wrong[0]!r} was given.")
    if (size := count_identifiers(patterns)) > 2e9:
        raise ValueError(f"{size:,} identifiers are too many for this search: at most 2,000,000,000.")
    if long := [pattern for pattern in patterns if len(pattern) > 55]:
        raise ValueError(f"A format has at most 55 bytes, one block of MD5, but {long[0]!r} has {len(long[0])}.")
    if not digests:
        return {}

    targets = np.unique(np.frombuffer(bytes.fromhex("".join(digests)), "<u4")[::4] - _START[0])
    beyond_bitmap = np.uint32(32 - _BITMAP)
    bitmap = np.zeros(2**_BITMAP, bool)
    bitmap[targets >> beyond_bitmap] = True

    def survivors(pieces):
        scratch, kept = np.empty((6, _CHUNK), np.uint32), []
        for words in pieces:
            n = len(words[0])
            first = _first_register(words, scratch[:, :n])
            likely = np.flatnonzero(np.take(bitmap, first >> beyond_bitmap))
            first = first[likely]
            hits = likely[targets.take(np.searchsorted(targets, first), mode="clip") == first]
            messages = np.stack([np.broadcast_to(word, n)[hits] for word in words], axis=1).astype("<u4")
            kept += [message.tobytes()[: words[14] // 8] for message in messages]
        return kept

    pieces = itertools.chain.from_iterable(map(_pieces, patterns))
    # NumPy lets go of Python's lock inside each operation, so threads do share the work.
    kept = in_two_threads(survivors, pieces, "pieces of the identifiers hashed", -(-size // _CHUNK))
    hashed = ((hashlib.md5(message).hexdigest(), message.decode()) for message in itertools.chain.from_iterable(kept))
    return {digest: identifier for digest, identifier in hashed if digest in digests}


def _first_register(words, scratch):
    """MD5 of many one-block messages at once: the first register of four, before the last addition of RFC 1321.

    words: 16 entries, the message's words; each an int (the same in every message) or a uint32 array of shape (n,).
    scratch: six uint32 arrays of shape (n,), which are overwritten. Returns one of them. It is final after 61 of the 64
    steps.
    """
    a, b, c, d, f, other = scratch
    for register, start in zip((a, b, c, d), _START, strict=True):
        register.fill(start)
    for i in range(61):
        # Written with the fewest passes over memory: the RFC's (b & c) | (~b & d) is d ^ (b & (c ^ d)).
        if i < 32:
            x, y, z = (b, c, d) if i < 16 else (d, b, c)
            np.bitwise_xor(y, z, out=f)
            f &= x
            f ^= z
        elif i < 48:
            np.bitwise_xor(b, c, out=f)
            f ^= d
        else:
            np.invert(d, out=f)
            f |= b
            f ^= c
        constant, word = _CONSTANT[i], words[_WORD[i]]
        if isinstance(word, int):
            constant = (constant + word) % 2**32
        else:
            f += word
        f += np.uint32(constant)
        f += a
        np.right_shift(f, np.uint32(32 - _TURN[i]), out=other)
        f <<= np.uint32(_TURN[i])
        f |= other
        f += b
        a, b, c, d, f = d, f, b, c, a
    return b


def _pieces(pattern):
    """All messages of a format, in pieces of at most _CHUNK: lists of 16 words for _first_register.

    The first four characters, MD5's first word, vary fastest, so that the later words are the same in all of a piece
    and cost nothing. Where there are few first words, several later ones are put into a piece.
    """
    places = [np.frombuffer(text.encode(), np.uint8).astype(np.uint32) for text in alphabets(pattern)]
    heads, tails = _words(places[:4])[0], _words(places[4:])
    # Every message ends alike: a byte 0x80 behind the text, and at the very end the number of bits.
    ending = bytes(len(pattern)) + b"\x80" + bytes(55 - len(pattern)) + (8 * len(pattern)).to_bytes(8, "little")
    ending = [int(word) for word in np.frombuffer(ending, "<u4")]
    for head in np.array_split(heads + np.uint32(ending[0]), -(-len(heads) // _CHUNK)):
        at_once = max(1, _CHUNK // len(head))
        for start in range(0, tails.shape[1], at_once):
            tail = tails[:, start : start + at_once]
            words = [np.tile(head, tail.shape[1]), *ending[1:]]
            for i, word in enumerate(tail, 1):
                words[i] += int(word[0]) if len(word) == 1 else np.repeat(word, len(head))
            yield words


def _words(places):
    """Every choice of one character a place, packed four to a uint32: shape (words, choices)."""
    words = np.zeros((-(-len(places) // 4), *map(len, places)), np.uint32)
    for i, characters in enumerate(places):
        shape = [1] * len(places)
        shape[i] = -1
        words[i // 4] += (characters << np.uint32(8 * (i % 4))).reshape(shape)
    return words.reshape(len(words), math.prod(map(len, places)))
