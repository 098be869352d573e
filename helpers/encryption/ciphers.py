"""Ciphers in their right and wrong modes, and what shows all the same: repeats, a nonce used twice, lengths.

The package ``cryptography`` does the ciphers. No attack here breaks one.
"""

import itertools
import os
from collections import Counter, namedtuple

import numpy as np

from .. import inputs

MODES = ("ECB", "CBC", "GCM")


def encrypt(message, key, mode):
    """Encrypt bytes with AES in one of MODES.

    message: bytes; for ECB and CBC a multiple of 16 long. key: 16, 24 or 32 bytes. CBC and GCM draw a fresh random
    start (16 and 12 bytes) from the operating system. Returns the ciphertext alone, as long as the message: without the
    start, and without GCM's 16-byte tag, so that it can be shown beside the message.
    Source: NIST SP 800-38A (ECB, CBC) and SP 800-38D (GCM).
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    message, key = inputs.byte_string("message", message), sized("key", key, (16, 24, 32))
    inputs.choice("mode", mode, MODES)
    if not message:
        raise ValueError("There is nothing to encrypt: the message is empty.")
    if mode != "GCM" and len(message) % 16:
        raise ValueError(f"{mode} needs a multiple of 16 bytes, and the message has {len(message)} bytes. Pad it.")
    start = {"ECB": modes.ECB, "CBC": lambda: modes.CBC(os.urandom(16)), "GCM": lambda: modes.GCM(os.urandom(12))}
    encryptor = Cipher(algorithms.AES(key), start[mode]()).encryptor()
    return encryptor.update(message) + encryptor.finalize()


def sized(name, given, lengths):
    """A key or a nonce: bytes of one of ``lengths``."""
    given, allowed = inputs.byte_string(name, given), " or ".join(map(str, lengths))
    if len(given) not in lengths:
        advice = f"os.urandom({lengths[0]}) makes a good one."
        raise ValueError(f"The {name} must have {allowed} bytes, but {len(given)} were given. {advice}")
    return given


def repeated_share(message):
    """The share of blocks of 16 bytes that occur more than once, from 0 to 1.

    message: bytes, or a uint8 array; a last block that is not full is left out.
    """
    message = inputs.byte_string("message", message)
    counts = Counter(message[start : start + 16] for start in range(0, len(message) - 15, 16))
    if not counts:
        raise ValueError(f"There is no full block of 16 bytes in {len(message)} bytes.")
    return sum(count for count in counts.values() if count > 1) / counts.total()


def in_grey_levels(picture, levels):
    """A picture with only so many evenly spaced grey levels, as uint8 of the same shape. At 256 it stays as it is.

    picture: whole numbers from 0, black, to 255, of any integer type. levels: from 2 to 256.
    """
    levels, given = inputs.whole("levels", levels, 2, 256), np.asarray(picture)
    if given.dtype.kind not in "iu" or given.size == 0 or not 0 <= given.min() <= given.max() <= 255:
        raise ValueError(
            f"picture must be whole numbers from 0, black, to 255, but {inputs.described(picture)} was given. "
            "Multiply shares by 255, divide 16-bit numbers by 257; then: picture.round().astype(np.uint8)."
        )
    step = given.astype(np.uint16) * levels // 256
    return (step * 255 // (levels - 1)).astype(np.uint8)


def encrypt_with_one_nonce(texts, key, nonce):
    """Encrypt texts with AES in counter mode, all from the same start: the mistake of section 9.

    texts: list of str (encoded as UTF-8: one byte a character for ASCII, more for others) or bytes. key: 16, 24 or 32
    bytes. nonce: 16 bytes, which should be fresh for every text. Returns a list of bytes, each as long as its text.
    Source: NIST SP 800-38A (counter mode).
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    cipher = Cipher(algorithms.AES(sized("key", key, (16, 24, 32))), modes.CTR(sized("nonce", nonce, (16,))))
    return [cipher.encryptor().update(text) for text in _byte_strings("texts", texts, encode=True)]


def _byte_strings(name, given, encode=False):
    given = (one.encode() if encode and isinstance(one, str) else one for one in inputs.sequence(name, given))
    return [inputs.byte_string(f"each of {name}", one) for one in given]


Language = namedtuple("Language", "characters contexts logs")


def learn_language(texts, characters=4):
    """How likely each byte is after those before it, in texts of a language: a Language, for guess_keystream.

    texts: list of str (encoded as UTF-8) or bytes, not all of them empty. characters: 4 looks at the three bytes
    before, 1 at none. What follows a context that was seen rarely is taken in part from the context one byte shorter.
    A context of k bytes is kept as the integer of a byte 1 and these bytes.
    Source: C. Manning, H. Schütze, Foundations of Statistical Natural Language Processing, 1999 (n-grams, Witten-Bell).
    """
    characters = inputs.whole("characters", characters, 1, 4)
    texts = [np.frombuffer(text, np.uint8).astype(int) for text in _byte_strings("texts", texts, encode=True) if text]
    if max(map(len, texts), default=0) < characters:
        raise ValueError(f"No text has {characters} bytes: there is nothing to learn {characters} characters from.")
    places = [(k, text) for k in range(characters) for text in texts]
    before = [256**k + sum((text[i:][: len(text[k:])] * 256 ** (k - 1 - i) for i in range(k)), 0 * text[k:])
              for k, text in places]  # fmt: skip
    contexts, where = np.unique(np.concatenate(before), return_inverse=True)  # so the shorter ones come first
    shares = np.zeros((len(contexts), 256), np.float32)  # a compressed text has 80,000 contexts: one table takes 80 MB
    np.add.at(shares, (where, np.concatenate([text[k:] for k, text in places])), 1)
    seen, kinds = shares.sum(axis=1, keepdims=True), np.count_nonzero(shares, axis=1, keepdims=True)
    start = np.searchsorted(contexts, 256 ** np.arange(characters + 1))
    for k, (first, end) in enumerate(itertools.pairwise(start)):
        for some in np.array_split(np.arange(first, end), 1 + (end - first) // 4096):
            shorter = shares[np.searchsorted(contexts, _last(contexts[some], k - 1))] if k else 1 / 256
            shares[some] = (shares[some] + kinds[some] * shorter) / (seen[some] + kinds[some])
    return Language(characters, contexts, np.log(shares, out=shares))


def _last(states, k):
    """The last k bytes of each context."""
    return 256**k + states % 256**k


def guess_keystream(ciphertexts, language):
    """The most probable key stream behind texts that were encrypted with the same one.

    ciphertexts: list of bytes; an empty one tells nothing. language: from learn_language. A beam keeps the 100
    likeliest beginnings of the key stream. Each is prolonged by each of 256 bytes: that prolongs all texts, and tells
    how likely they are. (Texts begin as a sentence does, behind a full stop.) Returns uint8, shape (longest,).
    Source: J. Mason, K. Watkins, J. Eisner, A. Stubblefield, CCS 2006 (a beam over texts under one key stream).
    """
    if not isinstance(language, Language):
        raise TypeError(f"language must be what learn_language gives, but {inputs.described(language)} was given.")
    texts = _byte_strings("ciphertexts", ciphertexts)
    if not any(texts):
        raise ValueError("There is no ciphertext to work on: every record is empty.")
    before, width = language.characters - 1, 100 if language.characters > 1 else 1
    states = np.full((1, len(texts)), int.from_bytes(b". ", "big"))  # the last bytes of each text, as an integer
    scores, steps = np.zeros(1), []
    for position in range(max(map(len, texts))):
        live = [i for i, text in enumerate(texts) if position < len(text)]
        read = np.array([texts[i][position] for i in live])[:, None] ^ np.arange(256)  # under each key byte
        rows = _rows(language, states[:, live]).T
        logs = sum(language.logs[row][:, one] for row, one in zip(rows, read, strict=True))
        total = (scores[:, None] + logs).ravel()
        best = np.argpartition(total, -min(width, total.size))[-width:]
        kept, keys = np.divmod(best, 256)
        scores, states = total[best], states[kept]
        states[:, live] = (states[:, live] * 256 + read[:, keys].T) % 256**before
        steps.append((kept.astype(np.uint8), keys.astype(np.uint8)))
    best, stream = scores.argmax(), []
    for kept, keys in reversed(steps):
        stream.append(keys[best])
        best = kept[best]
    return np.array(stream[::-1])


def _rows(language, states):
    """Where in language.logs each context stands, or the longest end of it that was seen."""
    rows = np.zeros(states.shape, int)
    for k in range(1, language.characters):
        end = _last(states, k)
        place = np.searchsorted(language.contexts, end).clip(max=len(language.contexts) - 1)
        rows = np.where(language.contexts[place] == end, place, rows)
    return rows


def apply_keystream(stream, ciphertext):
    """Add a key stream to a ciphertext, or to a text: bytes, as long as the shorter of the two.

    Both are bytes or uint8 arrays.
    """
    stream, ciphertext = inputs.byte_string("stream", stream), inputs.byte_string("ciphertext", ciphertext)
    n = min(len(stream), len(ciphertext))
    return (np.frombuffer(stream[:n], np.uint8) ^ np.frombuffer(ciphertext[:n], np.uint8)).tobytes()


def share_right(guessed, texts):
    """The share of bytes guessed right over all texts, from 0 to 1. Both are lists of bytes of the same lengths."""
    guessed, texts = _byte_strings("guessed", guessed), _byte_strings("texts", texts)
    if [len(text) for text in guessed] != [len(text) for text in texts]:
        raise ValueError("Each guess must be as long as its text.")
    if not (guessed := b"".join(guessed)):
        raise ValueError("The texts are empty: there is nothing to compare.")
    return float((np.frombuffer(guessed, np.uint8) == np.frombuffer(b"".join(texts), np.uint8)).mean())


TAG_AND_NONCE = 16 + 12  # bytes that AES-GCM adds to every message


def pad_to_multiple(length, multiple):
    """The next multiple of ``multiple`` that is at least ``length``. Both count bytes; multiple is at least 1."""
    multiple = inputs.whole("multiple", multiple, 1)
    return -(-inputs.whole("length", length, 0) // multiple) * multiple


def padme(length):
    """Length after Padmé padding: the longer the message, the coarser the step, at most 12 % more.

    length: bytes, at least 0. The steps keep only so many leading bits of the length as it takes to write down its
    exponent.
    Source: K. Nikitin, L. Barman, W. Lueks, M. Underwood, J.-P. Hubaux, B. Ford, PETS 2019.
    """
    length = inputs.whole("length", length, 0)
    exponent = max(length, 1).bit_length() - 1
    return pad_to_multiple(length, 2 ** max(exponent - exponent.bit_length(), 0))


def given_away(lengths):
    """The share of messages that are the only ones of their length, from 0 to 1. lengths: bytes, one a message."""
    counts = _messages_of(lengths)
    return sum(count == 1 for count in counts.values()) / counts.total()


def named_right(lengths):
    """How often one who sees only the length names the right message, if all are equally likely.

    The best guesser has one guess for each length, so it is the number of distinct lengths divided by the number of
    messages. lengths: bytes, one a message.
    """
    counts = _messages_of(lengths)
    return len(counts) / counts.total()


def _messages_of(lengths):
    counts = Counter(inputs.whole("each of lengths", one, 0) for one in inputs.column("lengths", lengths))
    if not counts:
        raise ValueError("There is no message to look at.")
    return counts
