"""Ciphers in their right and wrong modes, and what shows all the same: repeats, a nonce used twice, lengths.

The package ``cryptography`` does the ciphers. No attack here breaks one.
"""

import os
from collections import Counter

import numpy as np

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

    check_key(key, (16, 24, 32))
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


def repeated_share(message):
    """The share of blocks of 16 bytes that occur more than once, from 0 to 1.

    message: bytes, or a uint8 array; a last block that is not full is left out.
    Raises ValueError when there is no full block.
    """
    message = bytes(message)
    counts = Counter(message[start : start + 16] for start in range(0, len(message) - 15, 16))
    if not counts:
        raise ValueError(f"There is no full block of 16 bytes in {len(message)} bytes.")
    return sum(count for count in counts.values() if count > 1) / counts.total()


def in_grey_levels(picture, levels):
    """A uint8 picture with only so many evenly spaced grey levels, from 2 to 256. Raises ValueError for others."""
    if not 2 <= levels <= 256:
        raise ValueError(f"A picture can have 2 to 256 grey levels, but {levels} were asked for.")
    step = picture.astype(np.uint16) * levels // 256
    return (step * 255 // (levels - 1)).astype(np.uint8)


def check_key(key, lengths):
    """Raise TypeError or ValueError, with advice, for a key that is not bytes of one of ``lengths``."""
    advice = f"os.urandom({lengths[0]}) makes a good one."
    if not isinstance(key, (bytes, bytearray)):
        raise TypeError(f"A key is bytes, but {type(key).__name__} was given. {advice}")
    if len(key) not in lengths:
        allowed = " or ".join(map(str, lengths))
        raise ValueError(f"The key must have {allowed} bytes, but {len(key)} were given. {advice}")


def encrypt_with_one_nonce(texts, key, nonce):
    """Encrypt texts with AES in counter mode, all from the same start: the mistake of section 4.

    texts: list of str (encoded as UTF-8: one byte a character for ASCII, more for others) or bytes.
    key: 16, 24 or 32 bytes. nonce: 16 bytes, which should be fresh for every text.
    Returns a list of bytes, each as long as its text. Raises ValueError for another key or nonce.
    Source: NIST SP 800-38A (counter mode).
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    check_key(key, (16, 24, 32))
    if len(nonce) != 16:
        raise ValueError(f"Counter mode starts from 16 bytes, but {len(nonce)} were given.")
    cipher = Cipher(algorithms.AES(key), modes.CTR(nonce))
    return [cipher.encryptor().update(text.encode() if isinstance(text, str) else text) for text in texts]


def character_shares(texts):
    """How common each byte is in texts of the same language: shape (256,), adds up to 1.

    texts: list of str (encoded as UTF-8) or bytes. Every byte is counted once more than it occurs,
    so that none is thought impossible. Raises ValueError when the texts hold nothing.
    """
    everything = b"".join(text.encode() if isinstance(text, str) else text for text in texts)
    if not everything:
        raise ValueError("Characters can only be counted in texts that hold some: the texts are empty.")
    counts = np.bincount(np.frombuffer(everything, np.uint8), minlength=256) + 1.0
    return counts / counts.sum()


def guess_keystream(ciphertexts, shares):
    """The most probable key stream behind texts that were encrypted with the same one.

    ciphertexts: list of bytes; an empty one tells nothing and is passed over.
    shares: from character_shares. At each position every key byte is tried: it turns the column of
    ciphertext bytes into characters, and the key byte whose characters are most common wins.
    Returns uint8, shape (longest,). Raises ValueError when there is no byte at all, or for shares
    of another shape.
    """
    if np.shape(shares) != (256,):
        raise ValueError(f"character_shares gives shares of 256 bytes, but shape {np.shape(shares)} was given.")
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


TAG_AND_NONCE = 16 + 12  # bytes that AES-GCM adds to every message


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
    counts = _messages_of(lengths)
    return sum(count == 1 for count in counts.values()) / counts.total()


def named_right(lengths):
    """How often one who sees only the length names the right message, if all are equally likely.

    The best guesser has one guess for each length, so it is the number of distinct lengths
    divided by the number of messages. Raises ValueError for no message.
    """
    counts = _messages_of(lengths)
    return len(counts) / counts.total()


def _messages_of(lengths):
    if not (counts := Counter(lengths)):
        raise ValueError("There is no message to look at.")
    return counts
