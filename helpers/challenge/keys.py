"""The class key, and what follows from it: for each student's name, streams of random numbers that share nothing.

A student has this code, the names of classmates and a release of their own. They do not have the key: 32 random bytes.
Every stream begins with an HMAC-SHA-256 under it. So nobody without the key can try names or seeds; who finds the state
of one stream out of what was published learns 256 bits of HMAC, from which neither the key nor another stream follows.
"""

import hmac
import json
import os
import secrets
import unicodedata

import numpy as np

from .. import inputs

PRACTICE_KEY = bytes(32)  # public: whoever has this code can compute the answers
_TITLE = "failures in data privacy, challenge 2"  # another number: other challenges for the same name and key


class Source:
    """Where all random numbers of one student's challenges come from.

    key: 32 bytes. name: a text of at most 200 characters, in one form: see plain_name.
    """

    def __init__(self, key, name):
        self.key, self.name = inputs.byte_string("key", key), plain_name(name)
        if len(self.key) != 32:
            raise ValueError(f"A class key has 32 bytes, but {len(self.key)} were given. See read_key.")

    def bytes(self, what):
        """32 bytes that belong to ``what``, a text, such as "the bank's key"."""
        message = json.dumps([_TITLE, self.name, inputs.text("what", what)])
        return hmac.digest(self.key, message.encode(), "sha256")

    def seed(self, what):
        """A whole number of 256 bits that belongs to ``what``."""
        return int.from_bytes(self.bytes(what), "big")

    def random(self, what):
        """A NumPy Generator that belongs to ``what``."""
        return np.random.default_rng(self.seed(what))


def a_source(source):
    """``source``, if it is a Source. Raises TypeError otherwise."""
    if not isinstance(source, Source):
        raise TypeError(f"source must be Source(key, name), but {inputs.described(source)} was given.")
    return source


def one_line(text):
    """A text in one line: white space is one space, and what cannot be seen is left out. Raises TypeError."""
    text = "".join(" " if one.isspace() else one for one in inputs.text("text", text))
    return " ".join("".join(one for one in text if unicodedata.category(one)[0] != "C").split())


def plain_name(name):
    """A name in one line and one form, however its letters were typed: "ü" is one character.

    Raises TypeError for what is no text, ValueError for one that is empty, or longer than 200 characters.
    """
    plain = one_line(unicodedata.normalize("NFKC", one_line(inputs.text("A name", name))))
    if not 0 < len(plain) <= 200:
        raise ValueError(f"A name has 1 to 200 characters, but {inputs.described(name)} was given.")
    return plain


def new_key(path):
    """Write a new class key into the file ``path``, readable for its owner only. Raises ValueError if it exists."""
    path = inputs.path("path", path)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ValueError(f"{path} exists. A key that was used must stay as it is: give another name.") from None
    except OSError as problem:
        raise ValueError(f"{path} cannot be written: {problem.strerror}.") from None
    with os.fdopen(file, "w", encoding="ascii") as opened:
        opened.write(secrets.token_hex(32) + "\n")


def read_key(path):
    """The class key in the file ``path``: 32 bytes. Raises ValueError where there is none."""
    path = inputs.path("path", path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii")[:1000].strip())
    except FileNotFoundError:
        raise ValueError(
            f"{path}: there is no such file. Give the key that you issued with; a new one cannot grade. "
            f"For a new class make one: python -m helpers.challenge key {path}"
        ) from None
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}.") from None
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError(f"{path} is there, but holds no class key. Give the file as it was written, or a copy.")
    if key == PRACTICE_KEY:
        raise ValueError(f"{path} holds the practice key, which everybody knows.")
    return key
