"""The checks behind "Your turn" of lesson 1."""

import re

import numpy as np

from .. import inputs
from ..verdict import NotYet, answer_of, check, known_mistake, number
from .ciphers import apply_keystream


def _answer(hints, function, *arguments):
    """answer_of; an error that holds a key of ``hints`` becomes that hint."""
    try:
        return answer_of(function, *arguments)
    except Exception as problem:
        error = f"{type(problem).__name__}: {problem}"
        fitting = [hint for part, hint in hints.items() if part in error]
        if isinstance(problem, NotYet) or not fitting:
            raise
        raise NotYet(f"{fitting[0]} ({error})") from None


@check
def check_password(password):
    """password: the student's reading of Iona's password."""
    if not isinstance(password, (str, bytes)):
        raise NotYet("A password is a text: put it in quotes.")
    given = (password.decode(errors="replace") if isinstance(password, bytes) else password).strip(" .!\n\0").lower()
    if given == "breakfast":
        return "Her own hint was empty. Two other customers with the same ciphertext gave her password away."
    meals = "bacon|bread|cereal|coffee|croissant|egg|food|jam|meal|muesli|pancake|porridge|roll|toast|lunch|supper|tea"
    hints = {
        "breakfast": "That is it, with something added. Give the one word alone.",
        meals: "You have found the right customers. Both mean a whole *meal*: the *first* one, at seven.",
        "123456": "That is the commonest ciphertext of the table, but it is not hers.",
        "kittiwake|gull": "That belongs to the two customers with the boat and the gull. Is their ciphertext hers?",
    }
    found = [hint for words, hint in hints.items() if re.search(rf"\b({words})s?\b", given)]
    found.append("Which other customers have the ciphertext beside her name? One word must fit the hints of both.")
    raise NotYet(found[0])


@check
def check_account_numbers(count):
    """count: the student's number of possible account numbers."""
    mistakes = {
        100_000_000: "That counts eight free digits. But 12 branches exist, and the last digit follows from the rest.",
        10_000_000: "The check digit is taken care of. But not every pair of digits is a branch: there are 12.",
        12_000_000: "The branches are right. But the last digit is not free: whoever knows the others can compute it.",
        100_000: "That is the number of accounts in one branch. There are 12.",
        120_000: "One digit too few. Count again: eight, less those of the branch, less the check digit.",
    }
    if isinstance(count, (str, list, tuple)):  # 1,200,000 is a tuple
        raise NotYet("Give one number, without commas or quotes, or a product such as 3 * 10**2.")
    if (count := number(count)) == 1_200_000:
        return "1.2 million: fewer than the medallions. The search tries them all in a moment."
    known_mistake(count, mistakes)
    raise NotYet(f"It is not {count:,.12g}. Multiply: how many branches, times how many numbers of free digits?")


@check
def check_match_by_frequency(match):
    """match: the student's function from cells and auxiliary values to a dict from ciphertext to guess."""
    cases = [
        ("xyxxyz", ["Flu"] * 5 + ["Burn"] * 3 + ["Gout"], {"x": "Flu", "y": "Burn", "z": "Gout"}),
        ("cbbaaa", ["Gout"] + ["Flu"] * 3 + ["Burn"] * 2, {"a": "Flu", "b": "Burn", "c": "Gout"}),
        ("qpq", ["Flu"] * 3 + ["Burn"] * 2 + ["Gout"], {"q": "Flu", "p": "Burn"}),
        ("srsrst", ["Flu", "Flu", "Burn"], {"s": "Flu", "r": "Burn"}),
        ("aaaaabbbbcccdde", list("VVVVVWWWWXXXYYZ"), dict(zip("abcde", "VWXYZ", strict=True))),
    ]
    for case, (cells, known, expected) in enumerate(cases):
        more = "There can be more ciphertexts than known values: the rarest get no guess."
        guess = _answer({"IndexError": more} if case == 3 else {}, match, list(cells), list(known))
        if not hasattr(guess, "items") or getattr(guess, "ndim", 1) != 1:
            raise NotYet(f"Return a dict from ciphertext to guess, not a {type(guess).__name__}.")
        values = inputs.column("your guesses", [value for _, value in guess.items()])  # missing is no guess
        guess = {cell: value for cell, value in zip(dict(guess), values, strict=True) if value is not None}
        if guess == expected:
            continue
        if case == 0 and guess == {value: cell for cell, value in expected.items()}:
            raise NotYet("Turn it round: from ciphertext to value, so that a cell can be looked up.")
        if guess.items() < expected.items():
            raise NotYet(f"These ciphertexts have no guess: {', '.join(sorted(expected.keys() - guess.keys()))}.")
        orders = [(a, b) for a in (dict.fromkeys(cells), expected) for b in (dict.fromkeys(known), expected.values())]
        if case == 1 and guess in [dict(zip(*order, strict=True)) for order in orders]:
            raise NotYet("It works only where both lists come sorted. Sort each by how common its values are.")
        if case == 2 and guess == {"p": "Gout", "q": "Burn"}:
            raise NotYet("You begin with the rarest. Lists of different length go wrong then: commonest first.")
        if guess.items() > expected.items():
            beside = [repr(cell) for cell in guess if cell not in set(cells)]
            raise NotYet(f"{beside[0]} is no ciphertext: drop known values that are left over." if beside else more)
        raise NotYet(f"For cells {list(cells)} and known {known} it should give {expected}, but gives {guess}.")
    return "This is the whole attack. Its only tool is a list of what is common, and such lists are published."


def _think_of_each(given, expected, choices):
    """Compare a dict of answers with ``expected``: for each name the right answer and a hint. choices: in words."""
    if not hasattr(given, "items"):
        raise NotYet(f"Keep the dict of the cell, and put {choices} behind each name.")
    given = {name: one.strip().lower() if isinstance(one, str) else one for name, one in given.items()}
    for name in expected:
        answers = [answer for answer, _ in expected.values()]
        if given.get(name) not in answers:
            quoted = str(given.get(name)).title() in map(str, answers)
            raise NotYet(f"Say {choices} for the {name}{', without quotes' if quoted else ''}.")
    for name, (answer, hint) in expected.items():
        if given[name] != answer:
            raise NotYet(f"Think again about the {name}. {hint}")


@check
def check_leaky_columns(readable):
    """readable: for each of four columns True (counting can read much of it) or False."""
    expected = {
        "patient number": (False, "Every one stands there once. Which of them would be the commonest ciphertext?"),
        "sex": (True, "Two values, and it is known which is commoner in this clinic. How many ways to match them?"),
        "month of birth": (False, "Twelve even bars, like the chain groups. Does any other column tell months apart?"),
        "diagnosis": (True, "A few common diagnoses and many rare ones: that is what section 3 read."),
    }
    _think_of_each(readable, expected, "True or False")
    return "What repeats unevenly, alone or beside another column, can be read. The rest still shows who is equal."


@check
def check_second_text(text, letters, ciphertexts):
    """text: the student's bytes of Iona's letter. letters, ciphertexts: the texts and what was sent, hers first."""
    given = text.encode() if isinstance(text, str) else text
    if not isinstance(given, (bytes, bytearray, memoryview)):
        given = np.asarray(given)
        if given.ndim != 1 or given.dtype.kind not in "iuf" or not ((given >= 0) & (given <= 255)).all():
            raise NotYet("Her letter is bytes, as encryption.apply_keystream gives them.")
        given = given.astype(np.uint8)
    given = bytes(given)
    if given == letters[0]:
        return f"One key stream, two letters, one known: the other is lost. She wrote: “{letters[0].decode()}”"
    if given == letters[1]:
        raise NotYet("That is the letter you knew already. Hers is behind her_ciphertext.")
    if given == apply_keystream(ciphertexts[0], letters[0]):
        raise NotYet("That is the key stream. Add it to her_ciphertext.")
    if given == apply_keystream(letters[0], letters[1]):
        raise NotYet("That is both texts added. Take the one you know away: add public_letter once more.")
    if given and letters[0].startswith(given):
        raise NotYet(f"These are her first {len(given)} characters. Go on to the end.")
    raise NotYet("Adding is its own inverse: ciphertext + text = key stream, and ciphertext + key stream = text.")


@check
def check_next_power(next_power):
    """next_power: the student's function from a length (int, at least 1) to the next power of two."""
    cases = {1000: 1024, 1024: 1024, 1025: 2048, 1: 1, 2: 2, 3: 4, 28: 32, 62_550: 65_536, 2**40 + 1: 2**41}
    for length, expected in cases.items():
        given = number(_answer({"": f"For the length {length:,} it stops."}, next_power, length))
        if given < length:
            raise NotYet(f"{length:,} became {given:,.16g}: a message cannot be padded to less than its length.")
        if length == expected and given == 2 * expected:
            raise NotYet(f"{length:,} is a power of two already and should stay as it is.")
        if given != expected:
            raise NotYet(f"For {length:,} it should give {expected:,}, but gives {given:,.16g}.")
    return "Few lengths are left, so less leaks. The price is up to twice the bytes."


@check
def check_four_questions(catches):
    """catches: for each of four products one of "key", "repeats", "guess", "size"."""
    expected = {
        "pharmacy": ("guess", "A plain hash has no key. How many nine-digit numbers exist? Who can compute SHA-256?"),
        "school": ("repeats", "Its key is safe, and nothing need be tried. What does AES-SIV do with equal grades?"),
        "cloud drive": ("key", "The cipher and its mode are fine. Who else can open the files?"),
        "video doctor": ("size", "The films are never opened. But what does each of them still show while it is sent?"),
    }
    _think_of_each(catches, expected, '"key", "repeats", "guess" or "size"')
    return "None of the four broke a cipher. Ask all four questions of the next product that says “encrypted”."
