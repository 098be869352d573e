"""The checks of lesson 4, behind "Your turn"."""

import math

import numpy as np

from ..accountant import dp_sgd_epsilon
from ..verdict import NotYet, a_kind, answer_of, check, close, number


@check
def check_next_token(next_token):
    """next_token: the student's function from what is left, (d,), and vectors, (n, d), to a row's number."""
    random, tries = np.random.default_rng(0), []
    for _ in range(40):
        vectors = random.normal(size=(30, 8)) * random.uniform(0.2, 5, size=(30, 1))
        left = random.normal(size=8) * random.uniform(0.01, 3)
        cosine = vectors @ left / np.linalg.norm(vectors, axis=1)
        given = number(answer_of(next_token, left.copy(), vectors.copy()))
        tries.append((given, cosine.argmax(), (vectors @ left).argmax(), np.abs(cosine).argmax(), cosine.argmin()))
    given, right, longest, either_way, away = (np.array(column) for column in zip(*tries, strict=True))
    if (given == right).all():
        return "That line, repeated, reads a message out of its vector."
    for wrong, hint in (
        (longest, "You take the largest product. Long vectors win that, wherever they point: divide by their lengths."),
        (either_way, "You take the largest magnitude. A vector that points the other way is no part of a text."),
        (away, "You take the token that points the other way. Take the largest, not the smallest."),
    ):
        if (given == wrong).all():
            raise NotYet(hint)
    if ((given != given.round()) | (given < 0) | (given >= 30)).any():
        raise NotYet("Give the token's number: a row of vectors, from 0 on. argmax gives it; max gives the value.")
    raise NotYet(
        "The token that your function takes is not the one whose vector points most along what is left, "
        f"in {(given != right).sum()} of 40 tries."
    )


@check
def check_ways(fitting, ways):
    """fitting: the names of the ways of storing that keep the search and hide rare tokens. ways: the table of both."""
    if isinstance(fitting, str):
        fitting = [fitting]
    if not hasattr(fitting, "__iter__"):
        raise NotYet('A list of names is needed, such as ["8 bits"].')
    given = {str(name) for name in fitting}
    if given & {"True", "False"}:
        raise NotYet("Give the names of the ways, not true or false for each: table_of_ways.index[yours].")
    if unknown := given - set(ways.index):
        raise NotYet(f"There is no way of storing called {sorted(unknown)[0]!r}. There are: {', '.join(ways.index)}.")
    search, rare = ways["search finds"], ways["informed: rare tokens taken"]
    right = set(ways.index[(search >= 0.85 * search.iloc[0]) & (rare <= 60)])
    blind = set(ways.index[(search >= 0.85 * search.iloc[0]) & (ways["plain: right when named"] <= 50)])
    if given == right:
        return (
            f"{', '.join(sorted(right)) or 'None'}. And even there, {rare[list(right)].min():.0f} % of the rare tokens "
            "come back: it hides a part, not all."
            if right
            else "None of them does both: that is an answer, too."
        )
    if given == blind:
        raise NotYet("You judge by the attacker who does not know what was done. Take the informed one's rare tokens.")
    for name in sorted(given - right):
        why = "its search is too poor" if search[name] < 0.85 * search.iloc[0] else "over 60 % of rare tokens come back"
        raise NotYet(f"{name} does not fit: {why}.")
    missing = len(right - given)
    raise NotYet(f"{missing} that {'fits is' if missing == 1 else 'fit are'} missing. You have {len(given)}.")


@check
def check_exposure(exposure):
    """exposure: the student's function of a rank and a number of candidates, in bits."""
    mistakes = {
        "That is the natural logarithm. Bits need the logarithm to base 2: np.log2.": lambda r, n: math.log(n / r),
        "That is the logarithm to base 10. Bits need base 2: np.log2.": lambda r, n: math.log10(n / r),
        "The sign is turned round: the first rank gives most away.": lambda r, n: math.log2(r / n),
        "That is the logarithm of a difference. Take the difference of two logarithms.": lambda r, n: math.log2(
            n - r + 1
        ),
        "That is what the attacker has yet to guess. Exposure is what the model gave away.": lambda r, n: math.log2(r),
        "Candidates over rank is how many times fewer guesses are needed. Its logarithm is missing.": lambda r, n: (
            n / r
        ),
    }
    cases = ((40, 10_000), (1, 10_000), (10_000, 10_000), (4_000, 1_000_000), (3, 8))
    if close(number(answer_of(exposure, *cases[0])), math.log2(10_000) / math.log2(40)):  # no number for rank 1
        raise NotYet("You divide one logarithm by the other. Subtract the two logarithms.")
    given = {case: number(answer_of(exposure, *case)) for case in cases}
    for hint, wrong in mistakes.items():
        if all(close(given[case], wrong(*case), 0.006) for case in cases):
            raise NotYet(hint)
    for (rank, candidates), bits in given.items():
        if not close(bits, expected := math.log2(candidates / rank), 0.006):
            if abs(bits - expected) < 0.5 and bits == round(bits, 1):
                raise NotYet("That is nearly right: do not round inside the function.")
            asked = f"Rank {rank:,} of {candidates:,}"
            raise NotYet(f"{asked} has {expected:.2f} bits, but your function gives {bits:.2f}.")
    return "Rank 40 of 10,000 and 4,000 of a million have the same 8 bits: each narrows the search 250 times."


@check
def check_filter(censored):
    """censored: the student's function from a message to one without numbers, in digits or words."""
    cases = {
        "my pin is 2709.": "my pin is 0000.",
        "my pin is two seven zero nine.": "my pin is 0000.",
        "nine nine one four and 12345": "0000 and 0000",
        "call one one two three four five six": "call 0000",
        "two men paid 38 euros at number one": "two men paid 38 euros at number one",
        "someone won seven or one two three times": "someone won seven or one two three times",
        "is one two three fourteen a number?": "is one two three fourteen a number?",
    }
    for chat, expected in cases.items():
        given = answer_of(censored, chat)
        if not isinstance(given, str):
            raise NotYet(f"Your function should return a text, but it returns {a_kind(given)}.")
        if given == chat != expected:
            raise NotYet(f"This is let through: {chat!r}. It should become {expected!r}.")
        if given != expected:
            raise NotYet(f"{chat!r} should become {expected!r}, but becomes {given!r}.")
    return "And now the attacker asks for twenty-seven nought nine. A filter knows what its author knew."


@check
def check_noise(smallest_noise):
    """smallest_noise: the student's number, to one decimal."""
    noise = number(smallest_noise)
    if noise <= 0:
        raise NotYet("The noise multiplier is a number above 0.")
    epsilon = dp_sgd_epsilon(noise, 0.1, 100, 1e-4)
    smallest = next(n / 10 for n in range(1, 100) if dp_sgd_epsilon(n / 10, 0.1, 100, 1e-4) <= 3)
    if noise < smallest - 1e-6 and epsilon <= 3:
        return f"More exactly than asked: at {noise:g}, ε is {epsilon:.2f}."
    if not close(noise, smallest):
        too = "too large: more noise is needed" if epsilon > 3 else "small enough, but less noise would do"
        raise NotYet(f"With {noise:g}, ε is {epsilon:.2f}, which is {too}.")
    return f"ε is {epsilon:.2f}. The noise in each step is {noise:g} times what one message may push."
