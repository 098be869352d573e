"""The checks behind "Your turn" of lesson 1."""

import hashlib
import hmac

from ..verdict import NotYet, answer_of, check, known_mistake, number


@check
def check_password(password):
    """password: the student's reading of Iona's password."""
    if not isinstance(password, str):
        raise NotYet("A password is a text: put it in quotes.")
    given = password.strip().strip(".!").lower()
    if given == "breakfast":
        return "Her own hint was empty. Two other customers with the same ciphertext gave her password away."
    if given in ("bacon", "eggs", "bacon and eggs", "cereal", "egg"):
        raise NotYet("You have found the right customers. What is the whole *meal* called?")
    if given in ("lunch", "dinner", "supper", "tea", "meal", "food", "porridge", "toast", "coffee"):
        raise NotYet("You have found the right customers. What is the *first* thing that one eats, around seven?")
    if given == "123456":
        raise NotYet("That is the commonest ciphertext of the table, but it is not hers.")
    if "kittiwake" in given or "gull" in given:
        raise NotYet("That belongs to the two customers with the boat and the gull. Is their ciphertext hers?")
    raise NotYet("Which other customers have the ciphertext that stands beside her name? Read their hints.")


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
        raise NotYet("Give one number, without commas, or a product such as 3 * 10**2.")
    count = number(count)
    if count == 1_200_000:
        return "1.2 million: fewer than the medallions. The search of this section tries them all in a moment."
    known_mistake(count, mistakes)
    raise NotYet("Multiply: how many branches, times how many numbers of free digits?")


@check
def check_pseudonym(pseudonym):
    """pseudonym: the student's function from an identifier (str) and a key (bytes) to a hexadecimal text."""
    keyless = "The key is not used: anyone can compute this, as in the search above."
    glued = "Gluing key and text together has weaknesses of its own. Use hmac.new, made for this."
    swapped = "Key and identifier have changed places: hmac.new takes the key first."
    weak = "HMAC is right. Take SHA-256 in place of MD5, which nothing new should use."
    for identifier, key in (("7Q42", b"k" * 32), ("5296319", bytes(range(16))), ("Zoë", b"another key")):
        text = identifier.encode()
        given = answer_of(pseudonym, identifier, key)
        if isinstance(given, (bytes, bytearray)):
            raise NotYet("These are the bytes of a digest. Give them as a text: .hexdigest() instead of .digest().")
        if not isinstance(given, str):
            raise NotYet("Return the hexadecimal text: call .hexdigest() on what hmac.new gives you.")
        mistakes = {
            hashlib.sha256(text).hexdigest(): keyless,
            hashlib.md5(text).hexdigest(): keyless,
            hashlib.sha256(key + text).hexdigest(): glued,
            hashlib.sha256(text + key).hexdigest(): glued,
            hmac.new(text, key, "sha256").hexdigest(): swapped,
            hmac.new(key, text, "md5").hexdigest(): weak,
        }
        if given.lower() in mistakes:
            raise NotYet(mistakes[given.lower()])
        if given.lower() != hmac.new(key, text, "sha256").hexdigest():
            raise NotYet(f"For {identifier!r} the pseudonym is off. Encode the text as it is, and use the key given.")
    return "Without the key nobody can try identifiers. With the key anybody can: guard it, or throw it away."


@check
def check_match_by_frequency(match):
    """match: the student's function from cells and auxiliary values to a dict from ciphertext to guess."""
    cases = [
        ("xyxxyz", ["Flu"] * 5 + ["Burn"] * 3 + ["Gout"], {"x": "Flu", "y": "Burn", "z": "Gout"}),
        ("cbbaaa", ["Gout"] + ["Flu"] * 3 + ["Burn"] * 2, {"a": "Flu", "b": "Burn", "c": "Gout"}),
        ("qpq", ["Flu"] * 3 + ["Burn"] * 2 + ["Gout"], {"q": "Flu", "p": "Burn"}),
        ("srsrst", ["Flu", "Flu", "Burn"], {"s": "Flu", "r": "Burn"}),
    ]
    for case, (cells, known, expected) in enumerate(cases):
        guess = answer_of(match, list(cells), list(known))
        if not hasattr(guess, "items"):
            raise NotYet(f"Return a dict from ciphertext to guess, not a {type(guess).__name__}.")
        # A guess of None or NaN is no guess.
        guess = {cell: value for cell, value in guess.items() if value is not None and value == value}
        if guess == expected:
            continue
        if case == 0 and guess == {value: cell for cell, value in expected.items()}:
            raise NotYet("Turn it round: from ciphertext to value, so that a cell can be looked up.")
        if guess.items() < expected.items():
            raise NotYet(f"These ciphertexts have no guess: {', '.join(sorted(expected.keys() - guess.keys()))}.")
        if case == 1:
            raise NotYet("It works only where both lists come sorted. Sort each by how common its values are.")
        if case == 2 and guess == {"p": "Gout", "q": "Burn"}:
            raise NotYet("You begin with the rarest. Lists of different length go wrong then: commonest first.")
        if guess.items() > expected.items():
            raise NotYet("There are more ciphertexts than known values: the rarest should get no guess.")
        raise NotYet(f"For cells {list(cells)} and known {known} it should give {expected}, but gives {guess}.")
    return "This is the whole attack. Its only tool is a list of what is common, and such lists are published."


def _think_of_each(given, expected, choices):
    """Compare a dict of answers with ``expected``, a dict from a name to the right answer and a hint.

    choices: the answers that one may give, in words.
    """
    if not isinstance(given, dict):
        raise NotYet(f"Keep the dict of the cell, and put {choices} behind each name.")
    for name in expected:
        if given.get(name) not in [answer for answer, _ in expected.values()]:
            raise NotYet(f"Say {choices} for the {name}.")
    for name, (answer, hint) in expected.items():
        if given[name] != answer:
            raise NotYet(f"Think again about the {name}. {hint}")


@check
def check_leaky_columns(readable):
    """readable: for each of four columns True (frequency matching reads much of it) or False."""
    expected = {
        "patient number": (False, "Every one stands there once. Which of them would be the commonest ciphertext?"),
        "sex": (True, "Two values, and it is known which is commoner in this hospital. How many ways to match them?"),
        "month of birth": (False, "Twelve months with nearly the same share of births. Think of the chain groups."),
        "diagnosis": (True, "A few common diagnoses and many rare ones: that is what section 3 read."),
    }
    _think_of_each(readable, expected, "True or False")
    return (
        "What repeats unevenly can be read. What never repeats, or repeats evenly, leaks equality and no more: "
        "still enough to link rows, and an encrypted order would give the months away."
    )


@check
def check_second_text(text, letters):
    """text: the student's bytes of Iona's letter. letters: the texts, hers first."""
    if isinstance(text, (int, float)):
        raise NotYet("Her letter is bytes, as encryption.apply_keystream gives them.")
    given = text.encode() if isinstance(text, str) else bytes(text)
    if given == letters[0]:
        return "One key stream, two letters, one of them known: the other is lost, with no statistics at all."
    if given == letters[1]:
        raise NotYet("That is the letter you knew already. Hers is behind her_ciphertext.")
    if given == bytes(a ^ b for a, b in zip(letters[0], letters[1], strict=True)):
        raise NotYet("That is both texts added. Take the one you know away: add public_letter once more.")
    if given and letters[0].startswith(given):
        raise NotYet(f"These are her first {len(given)} characters. Go on to the end.")
    raise NotYet("Adding is its own inverse: ciphertext + text = key stream, and ciphertext + key stream = text.")


@check
def check_next_power(next_power):
    """next_power: the student's function from a length (int, at least 1) to the next power of two."""
    cases = {1000: 1024, 1024: 1024, 1025: 2048, 1: 1, 2: 2, 3: 4, 28: 32, 62_550: 65_536, 2**40 + 1: 2**41}
    for length, expected in cases.items():
        given = number(answer_of(next_power, length))
        if given == expected:
            continue
        if given < length:
            raise NotYet(f"{length:,} became {given:,.16g}: a message cannot be padded to less than its length.")
        if length == expected and given == 2 * expected:
            raise NotYet(f"{length:,} is a power of two already and should stay as it is.")
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
