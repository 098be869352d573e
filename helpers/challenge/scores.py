"""How answers are checked in form, and what they earn: the share of the gap from a stated guess to a perfect answer.

Nothing here trusts an answer: it may come from anybody's file. What has the wrong form raises TypeError or ValueError.
"""

import functools
import hashlib
import hmac
import json
import math
from typing import NamedTuple

import numpy as np
import torch

from .. import encryption, inputs, inversion
from ..inversion import data as handwriting
from ..text import data as messages
from ..text import embeddings
from .keys import a_source
from .office import SLACK, as_asked, best_counts, epsilon, errors, missed
from .releases import DIARIES, DIGITS, NUMBERS, PEOPLE, ROWS, VECTORS, release, secret

EACH = 20  # points of a challenge in a report


class Points(NamedTuple):
    """What an answer earned: from 0, the stated guess, to 1, perfect; and, where something was wrong, the reason."""

    points: float
    reason: str


def _listed(name, given, n):
    """A list of n plain values, None for what is missing."""
    if len(values := inputs.column(name, given)) != n:
        raise ValueError(f"{name} must hold {n} values, but {len(values)} were given.")
    return values


def _column(given):
    return [None if one is None else inputs.text("Each cell", one)[:100] for one in _listed("column", given, ROWS)]


def _log(given):
    if not isinstance(given, dict):
        raise TypeError(
            f"log must be a dict from a digest to what was hashed, but {inputs.described(given)} was given."
        )
    if len(given) > 10_000:
        raise ValueError(f"log must hold the digests of your log alone, but holds {len(given):,}: not a whole table.")
    return {inputs.text("A digest", key): inputs.text("What was hashed", one) for key, one in given.items()}


def _letters(given):
    if len(texts := inputs.sequence("letters", given)) != 2:
        raise ValueError(f"letters must be two texts, but {len(texts)} were given.")
    texts = [bytes(one).decode("latin-1") if isinstance(one, (bytes, bytearray)) else one for one in texts]
    return [inputs.text("Each letter", one)[:1000] for one in texts]


def _diaries(given):
    values = _listed("diaries", given, DIARIES)
    return [None if one is None else inputs.whole("Each user of diaries", one) for one in values]


def _debts(given):
    given = inputs.array("debts", given, (PEOPLE,), 0, 1)
    return np.round(given).astype(int).tolist()


def _pictures(given):
    return inputs.array("pictures", given, (DIGITS, 784), -1.001, 1.001).round(3).tolist()


def _tokens(given):
    texts = inputs.sequence("tokens", given)
    if len(texts) != VECTORS or any(len(inputs.sequence("Each of tokens", one)) > 300 for one in texts):
        raise ValueError(f"tokens must be {VECTORS} lists of at most 300 tokens, but {len(texts)} were given.")
    size = len(messages.encoder().vectors)
    return [[inputs.whole("A token", token, 0, size - 1) for token in one] for one in texts]


def _number(given):
    several = hasattr(given, "__iter__") and not isinstance(given, str)
    texts = inputs.sequence("number", given) if several else [given]
    if not 1 <= len(texts) <= 10 or not all(
        isinstance(one, str) and one.isdecimal() and len(one) == 4 for one in texts
    ):
        raise ValueError(
            'number must be one to ten texts of four digits, likeliest first, such as ["2709"], but '
            f"{inputs.described(given)} was given."
        )
    return texts


def _counts(given):
    given = inputs.array("counts", given, ("m", 5))
    errors([[1, 1, 1, 1, 1.0]], given)  # raises for what is no count
    return given.tolist()


FORMS = {
    1: {"column": _column, "log": _log, "letters": _letters},
    2: {"diaries": _diaries, "debts": _debts},
    3: {"pictures": _pictures},
    4: {"tokens": _tokens, "number": _number},
    5: {"counts": _counts},
}


def as_json(number, answers):
    """The answers to a challenge as JSON holds them, those of the right form: a dict; and what is wrong or missing.

    answers: a dict from a part's name to an answer, in any usual form; ... is none yet. Returns (dict, text).
    """
    forms = FORMS[inputs.choice("number", number, NUMBERS)]
    if not isinstance(answers, dict):
        raise TypeError(f"The answers to challenge {number} must be a dict, but {inputs.described(answers)} was given.")
    ready, wrong = {}, [f"there is no part {str(name)[:40]!r}" for name in answers if name not in forms][:5]
    if missing := [name for name in forms if answers.get(name, ...) is ...]:
        wrong.append(f"missing: {', '.join(missing)}")
    for name, form in forms.items():
        try:
            if name not in missing:
                ready[name] = form(answers[name])
        except (TypeError, ValueError) as problem:
            wrong.append(str(problem)[:200])
    return ready, "; ".join(wrong)


def _gap(reached, guess, perfect=1.0):
    """The share of the way from a guess to what is perfect, from 0 to 1."""
    return float(np.clip((reached - guess) / (perfect - guess), 0, 1))


def _same(given, truth):
    return float(np.mean([one == other for one, other in zip(given, truth, strict=True)]))


def _score_letters(given, source, hidden):
    """The better of the two orders, since nothing tells which letter is which. The guess: spaces only."""
    truth = [one.encode() for one in hidden["letters"]]
    given = [one.encode("ascii", "replace").ljust(len(truth[0]))[: len(truth[0])] for one in given]
    guess = encryption.share_right([b" " * len(one) for one in truth], truth)
    return _gap(max(encryption.share_right(some, truth) for some in (given, given[::-1])), guess)


@functools.cache
def mean_digit():
    """The guess of challenge 3: the mean of the 2,500 digits of data.digits().client. Shape (784,)."""
    return handwriting.digits().client.tensors()[0].mean(dim=0)


def _score_pictures(given, source, hidden):
    truth = torch.from_numpy(handwriting.scale(hidden["pictures"]))
    wrong = [inversion.mse(truth, some).mean().item() for some in (torch.tensor(given), mean_digit().expand_as(truth))]
    return _gap(-wrong[0], -wrong[1], 0)


@functools.cache
def usual_tokens():
    """The guess of challenge 4: the 18 tokens that a message to the bank holds on average. A list."""
    encoder = messages.encoder()
    others = [encoder.tokens(text) for text in messages.messages(hers=False)]
    return embeddings.fool(others, 18).all().tolist()


def _overlap(given, truth):
    """Twice the tokens in common over all tokens named and true (the F1 score): who names many gains nothing."""
    size = len(messages.encoder().vectors)
    pairs = [[np.bincount(some, minlength=size) for some in pair] for pair in zip(given, truth, strict=True)]
    total = sum(map(len, given)) + sum(map(len, truth))
    return 2 * sum(int(np.minimum(*pair).sum()) for pair in pairs) / total


def _score_tokens(given, source, hidden):
    given = [np.array(one, int) for one in given]
    guess = _overlap([usual_tokens()] * VECTORS, hidden["tokens"])
    return _gap(_overlap(given, hidden["tokens"]), guess)


def _score_number(given, source, hidden):
    """1 for the first, less by the logarithm of its place for a later one: the exposure of notebook 4."""
    return 1 - math.log(1 + given.index(hidden["number"]), 10_000) if hidden["number"] in given else 0.0


def _score_counts(given, source, hidden):
    """Nothing where a question is too far off. Otherwise how far the ε falls below that of the questions as asked."""
    questions = release(5, source)["questions"]
    if told := missed(questions, given):
        raise ValueError(told)
    asked, best = (epsilon(counts) / SLACK for counts in (as_asked(questions), best_counts(questions)))
    return _gap(-epsilon(given), -asked, -best)


def _against(guess):
    """The score of a list whose baseline is one and the same value everywhere."""

    def score(given, hidden):
        return _gap(_same(given, hidden), _same([guess(hidden)] * len(hidden), hidden))

    return score


_commonest = _against(lambda truth: max(set(truth), key=truth.count))
_always_nobody, _always_no = _against(lambda truth: None), _against(lambda truth: 0)

SCORES = {
    "column": lambda given, source, hidden: _commonest(given, hidden["column"]),
    "log": lambda given, source, hidden: _found(given, hidden["log"]),
    "letters": _score_letters,
    "diaries": lambda given, source, hidden: _always_nobody(given, hidden["diaries"]),
    "debts": lambda given, source, hidden: _always_no(given, hidden["debts"]),
    "pictures": _score_pictures,
    "tokens": _score_tokens,
    "number": _score_number,
    "counts": _score_counts,
}


def _found(given, members):
    return float(np.mean([given.get(hashlib.md5(one.encode()).hexdigest()) == one for one in members]))


def points(number, source, answers):
    """What ``answers`` to a challenge earn the student of a Source: Points. Each part of it counts the same.

    answers: a dict, as in as_json, or anything else that a file may hold: what is wrong earns 0, with the reason.
    """
    forms = FORMS[inputs.choice("number", number, NUMBERS)]
    hidden = secret(number, source)
    try:
        ready, reason = as_json(number, answers)
    except TypeError as problem:
        return Points(0.0, str(problem))
    earned, reasons = [], [reason] if reason else []
    for name, given in ready.items():
        try:
            earned.append(SCORES[name](given, source, hidden))
        except (TypeError, ValueError) as problem:
            reasons.append(str(problem)[:200])
    return Points(sum(earned) / len(forms), "; ".join(reasons))


def seal(source):
    """Says for whom, and with which secrets, a challenge was made: an HMAC, as a hexadecimal text of 64 characters.

    A submission carries it, so that an answer to somebody else's challenge, or to one of an older pack, is noticed.
    """
    hidden = {number: secret(number, a_source(source)) for number in NUMBERS}
    # Not the pixels, whose last bit may differ between machines: the places of their digits are there.
    text = json.dumps(hidden, default=lambda pixels: "")
    return hmac.digest(source.bytes("seal"), text.encode(), "sha256").hex()
