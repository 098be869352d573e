"""Ciphers in their right and wrong modes, and what shows all the same: repeats, a nonce used twice, lengths.

The package ``cryptography`` does the ciphers. No attack here breaks one.
"""

import os
from collections import Counter

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
    """Encrypt texts with AES in counter mode, all from the same start: the mistake of section 4.

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


def character_shares(texts):
    """How common each byte is in texts of the same language: shape (256,), adds up to 1.

    texts: list of str (encoded as UTF-8) or bytes. Every byte is counted once more than it occurs, so that none is
    thought impossible.
    """
    everything = b"".join(_byte_strings("texts", texts, encode=True))
    if not everything:
        raise ValueError("Characters can only be counted in texts that hold some: the texts are empty.")
    counts = np.bincount(np.frombuffer(everything, np.uint8), minlength=256) + 1.0
    return counts / counts.sum()


def guess_keystream(ciphertexts, shares):
    """The most probable key stream behind texts that were encrypted with the same one.

    ciphertexts: list of bytes; an empty one tells nothing and is passed over. shares: from character_shares, none of
    them 0. At each position every key byte is tried: it turns the column of ciphertext bytes into characters, and the
    key byte whose characters are most common wins. Returns uint8, shape (longest,).
    """
    ciphertexts = [np.frombuffer(text, np.uint8) for text in _byte_strings("ciphertexts", ciphertexts)]
    logs = np.log(inputs.array("shares", shares, (256,), 1e-15, 1))
    longest, every = max(map(len, ciphertexts), default=0), np.arange(256)
    if longest == 0:
        raise ValueError("There is no ciphertext to work on: every record is empty.")
    likely, best = logs[every[:, None] ^ every], []
    for start in range(0, longest, 4096):  # positions at once: the counts of all would take 2 KB a byte of text
        counts = np.zeros((min(4096, longest - start), 256))  # how often each byte stands at each position
        for ciphertext in ciphertexts:
            piece = ciphertext[start : start + 4096]
            counts[np.arange(len(piece)), piece] += 1
        best.append((counts @ likely).argmax(axis=1).astype(np.uint8))
    return np.concatenate(best)


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
