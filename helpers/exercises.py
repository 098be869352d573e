"""The checks behind "Your turn".

A check takes a student's answer and returns a Verdict: "Right", with why it matters, or
"Not yet", with a hint that names the mistake where it can tell. It never raises: an
unfinished answer (...) or an absurd one is "Not yet" too.
"""

import functools
from typing import NamedTuple


class Verdict(NamedTuple):
    """What a check says of an answer."""

    right: bool
    message: str

    def __repr__(self):
        return f"{'Right' if self.right else 'Not yet'}. {self.message}"


def right(message):
    return Verdict(True, message)


def not_yet(message):
    return Verdict(False, message)


def check(judge):
    """Decorator for the checks below: answers for ... and for answers that judge cannot use."""

    @functools.wraps(judge)
    def careful(*answers):
        if any(_unfinished(answer) for answer in answers):
            return not_yet("Replace the ... with your answer, then run this cell again.")
        try:
            return judge(*answers)
        except Exception as problem:  # shown to the student, who can act on it
            return not_yet(f"The check could not use your answer. {type(problem).__name__}: {problem}")

    return careful


def _unfinished(answer):
    if isinstance(answer, dict):
        return any(_unfinished(value) for value in answer.values())
    if isinstance(answer, (list, tuple)) and not isinstance(answer, Verdict):
        return any(_unfinished(value) for value in answer)
    return answer is ...


# --- 01 Encryption pitfalls ---------------------------------------------------


@check
def check_password(password):
    """password: the student's reading of Iona's password."""
    if not isinstance(password, str):
        return not_yet("A password is a text: put it in quotes.")
    given = password.strip().strip(".!").lower()
    if given in ("bacon", "eggs", "bacon and eggs", "cereal", "egg"):
        return not_yet("You have found the right customers. What is the whole *meal* called?")
    if given == "breakfast":
        return right("Her own hint was empty. Two other customers with the same ciphertext gave her password away.")
    if given == "123456":
        return not_yet("That is the commonest ciphertext of the table, but it is not hers.")
    if "kittiwake" in given or "gull" in given:
        return not_yet("That belongs to the two customers with the boat and the gull. Is their ciphertext hers?")
    if given in ("lunch", "dinner", "supper", "tea", "meal", "food", "porridge", "toast", "coffee"):
        return not_yet("You have found the right customers. What is the *first* thing that one eats, around seven?")
    return not_yet("Which other customers have the ciphertext that stands beside her name? Read their hints.")


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
    if not _is_number(count):
        return not_yet("Give one number, without commas, or a product such as 3 * 10**2.")
    if count == 1_200_000:
        return right("1.2 million: fewer than the medallions. The search of this section tries them all in a moment.")
    return not_yet(mistakes.get(count, "Multiply: how many branches, times how many numbers of free digits?"))


@check
def check_pseudonym(pseudonym):
    """pseudonym: the student's function from an identifier (str) and a key (bytes) to a hexadecimal text."""
    import hashlib
    import hmac

    if not callable(pseudonym):
        return not_yet("pseudonym should be a function: def pseudonym(identifier, key), and so on.")
    for identifier, key in (("7Q42", b"k" * 32), ("5296319", bytes(range(16))), ("Zoë", b"another key")):
        text = identifier.encode()
        given = pseudonym(identifier, key)
        if given is ... or given is None:
            return not_yet("The function returns no pseudonym yet.")
        if isinstance(given, (bytes, bytearray)):
            return not_yet("These are the bytes of a digest. Give them as a text: .hexdigest() instead of .digest().")
        if not isinstance(given, str):
            return not_yet("Return the hexadecimal text: call .hexdigest() on what hmac.new gives you.")
        given = given.lower()
        if given in (hashlib.sha256(text).hexdigest(), hashlib.md5(text).hexdigest()):
            return not_yet("The key is not used: anyone can compute this, as in the search above.")
        if given in (hashlib.sha256(key + text).hexdigest(), hashlib.sha256(text + key).hexdigest()):
            return not_yet("Gluing key and text together has weaknesses of its own. Use hmac.new, made for this.")
        if given == hmac.new(text, key, "sha256").hexdigest():
            return not_yet("Key and identifier have changed places: hmac.new takes the key first.")
        if given == hmac.new(key, text, "md5").hexdigest():
            return not_yet("HMAC is right. Take SHA-256 in place of MD5, which nothing new should use.")
        if given != hmac.new(key, text, "sha256").hexdigest():
            return not_yet(f"For {identifier!r} the pseudonym is off. Encode the text as it is, and use the key given.")
    return right("Without the key nobody can try identifiers. With the key anybody can: guard it, or throw it away.")


@check
def check_match_by_frequency(match):
    """match: the student's function from cells and auxiliary values to a dict from ciphertext to guess."""
    cases = [
        ("xyxxyz", ["Flu"] * 5 + ["Burn"] * 3 + ["Gout"], {"x": "Flu", "y": "Burn", "z": "Gout"}),
        ("cbbaaa", ["Gout"] + ["Flu"] * 3 + ["Burn"] * 2, {"a": "Flu", "b": "Burn", "c": "Gout"}),
        ("qpq", ["Flu"] * 3 + ["Burn"] * 2 + ["Gout"], {"q": "Flu", "p": "Burn"}),
        ("srsrst", ["Flu", "Flu", "Burn"], {"s": "Flu", "r": "Burn"}),
    ]
    if not callable(match):
        return not_yet("match should be a function: def match(cells, known), and so on.")
    for number, (cells, known, expected) in enumerate(cases):
        guess = match(list(cells), list(known))
        if guess is ... or guess is None:
            return not_yet("The function returns no guesses yet.")
        if not hasattr(guess, "items"):
            return not_yet(f"Return a dict from ciphertext to guess, not a {type(guess).__name__}.")
        # A guess of None is no guess.
        guess = {cell: value for cell, value in guess.items() if value is not None}
        if _unfinished(guess):
            return not_yet("Replace the ... with your answer, then run this cell again.")
        if guess == expected:
            continue
        if number == 0 and guess == {value: cell for cell, value in expected.items()}:
            return not_yet("Turn it round: from ciphertext to value, so that a cell can be looked up.")
        if guess.items() < expected.items():
            return not_yet(f"These ciphertexts have no guess: {', '.join(sorted(expected.keys() - guess.keys()))}.")
        if number == 1:
            return not_yet("It works only where both lists come sorted. Sort each by how common its values are.")
        if number == 2 and guess == {"p": "Gout", "q": "Burn"}:
            return not_yet("You begin with the rarest. Lists of different length go wrong then: commonest first.")
        if guess.items() > expected.items():
            return not_yet("There are more ciphertexts than known values: the rarest should get no guess.")
        return not_yet(f"For cells {list(cells)} and known {known} it should give {expected}, but gives {guess}.")
    return right("This is the whole attack. Its only tool is a list of what is common, and such lists are published.")


@check
def check_leaky_columns(readable):
    """readable: for each of four columns True (frequency matching reads much of it) or False."""
    if not isinstance(readable, dict):
        return not_yet("Keep the dict of the cell, and put True or False behind each column.")
    for column in ("patient number", "sex", "month of birth", "diagnosis"):
        if readable.get(column) not in (True, False):
            return not_yet(f"Say True or False for: {column}.")
    if readable["patient number"]:
        return not_yet("Every patient number stands there once. Which of them would be the commonest ciphertext?")
    if readable["month of birth"]:
        return not_yet("Twelve months, each with nearly the same share of births. Think of the chain groups.")
    if not readable["sex"]:
        return not_yet("Two values, and it is known which is commoner in this hospital. How many ways to match them?")
    if not readable["diagnosis"]:
        return not_yet("A few common diagnoses and many rare ones: that is what section 3 read.")
    return right(
        "What repeats unevenly can be read. What never repeats, or repeats evenly, leaks equality and no more: "
        "still enough to link rows, and an encrypted order would give the months away."
    )


@check
def check_second_text(text, letters):
    """text: the student's bytes of Iona's letter. letters: the texts, hers first."""
    if isinstance(text, (int, float)):
        return not_yet("Her letter is bytes, as encryption.apply_keystream gives them.")
    given = text.encode() if isinstance(text, str) else bytes(text)
    if given == letters[0]:
        return right("One key stream, two letters, one of them known: the other is lost, with no statistics at all.")
    if given == letters[1]:
        return not_yet("That is the letter you knew already. Hers is behind her_ciphertext.")
    if given == bytes(a ^ b for a, b in zip(letters[0], letters[1], strict=True)):
        return not_yet("That is both texts added. Take the one you know away: add public_letter once more.")
    if given and letters[0].startswith(given):
        return not_yet(f"These are her first {len(given)} letters. Go on to the end.")
    return not_yet("Adding is its own inverse: ciphertext + text = key stream, and ciphertext + key stream = text.")


@check
def check_next_power(next_power):
    """next_power: the student's function from a length (int, at least 1) to the next power of two."""
    if not callable(next_power):
        return not_yet("next_power should be a function: def next_power(length), and so on.")
    cases = {1000: 1024, 1024: 1024, 1025: 2048, 1: 1, 2: 2, 3: 4, 28: 32, 62_550: 65_536, 2**40 + 1: 2**41}
    for length, expected in cases.items():
        given = next_power(length)
        if given is ... or given is None:
            return not_yet("The function returns no length yet.")
        if not _is_number(given):
            return not_yet(f"A length is a number, but for {length:,} the function gives a {type(given).__name__}.")
        if given == expected:
            continue
        if given < length:
            return not_yet(f"{length:,} became {given:,}: a message cannot be padded to less than its length.")
        if length == expected and given == 2 * expected:
            return not_yet(f"{length:,} is a power of two already and should stay as it is.")
        return not_yet(f"For {length:,} it should give {expected:,}, but gives {given:,}.")
    return right("Few lengths are left, so less leaks. The price is up to twice the bytes.")


@check
def check_four_questions(catches):
    """catches: for each of four products one of "key", "repeats", "guess", "size"."""
    expected = {"pharmacy": "guess", "school": "repeats", "cloud drive": "key", "video doctor": "size"}
    hints = {
        "pharmacy": "A plain hash has no key. How many nine-digit numbers are there, and who can compute SHA-256?",
        "school": "Its key is safe, and nothing need be tried. What does AES-SIV do with equal grades?",
        "cloud drive": "The cipher and its mode are fine. Who else can open the files?",
        "video doctor": "The films are never opened. But what does each of them still show while it is sent?",
    }
    if not isinstance(catches, dict):
        return not_yet("Keep the dict of the cell, and put one of the four words behind each product.")
    for product in expected:
        if catches.get(product) not in ("key", "repeats", "guess", "size"):
            return not_yet(f'Say "key", "repeats", "guess" or "size" for the {product}.')
    for product, question in expected.items():
        if catches[product] != question:
            return not_yet(f"Think again about the {product}. {hints[product]}")
    return right("None of the four broke a cipher. Ask all four questions of the next product that says “encrypted”.")


def _is_number(answer):
    from numbers import Real

    return isinstance(answer, Real) and not isinstance(answer, bool)


# --- 02 De-anonymisation ------------------------------------------------------


@check
def check_birthday(unique_share):
    """unique_share: the student's function from a list of ZIP code sizes to the share of people who are unique."""
    import math

    import numpy as np

    cells = 365 * 78 * 2
    for sizes in ([9_330], [1_000, 30_000], [2_000, 2_000, 60_000], [500, 9_000, 20_000, 90_000]):
        n = np.array(sizes, float)
        alone = np.exp(-n / cells)
        given = _number(unique_share(list(sizes)))
        if isinstance(given, Verdict):
            return given
        expected = float(np.average(alone, weights=n))
        if _close(given, expected, 0.01):  # counting by throwing people into cells is an answer too
            continue
        named = f"For ZIP codes of {', '.join(f'{size:,}' for size in sizes)} people"
        if len(sizes) > 1 and _close(given, float(alone.mean()), 0.01):
            return not_yet(
                "You count each ZIP code once. But we ask about people, and more people live in the large ones."
            )
        if len(sizes) > 1 and _close(given, float(np.exp(-n.mean() / cells)), 0.01):
            return not_yet("You take the average size first. Most people live in a ZIP code above it.")
        if _close(given, 1 - expected, 1e-3):
            return not_yet("That is the share of people who are not unique.")
        if _close(given, 100 * expected, 0.1):
            return not_yet("That is in per cent. Give a share between 0 and 1.")
        if _close(given, float((n * alone).sum()), 0.5):
            return not_yet("That is a number of people. Divide by all people.")
        return not_yet(f"{named} it should give {expected:.3f}, but gives {given:.3f}.")
    varied = [round(-9_330 * math.log(1 - (i + 0.5) / 200)) for i in range(200)]  # as an exponential distribution
    uneven, even, wide = (_number(unique_share(n)) for n in ([1_000, 17_660], [9_330, 9_330], varied))
    return right(
        f"ZIP codes of 1,000 and 17,660 people give {uneven:.2f}, two of 9,330 give {even:.2f}. The same average size, "
        "and fewer unique people: the large ZIP codes hide more people than the small expose. If sizes vary as widely "
        f"as an exponential distribution, {wide:.2f} is left."
    )


@check
def check_honest_sample(looks, are, people, sample, columns):
    """looks: share of the sample that looks unique. are: share of those who are unique among all people.

    people, sample: DataFrames; the sample's index says who of the people they are.
    """
    from .reidentification import group_sizes

    asked = ["state", "age", "sex", "degree", "race", "income"]
    if isinstance(columns, str) or sorted(columns) != sorted(asked):
        return not_yet(f"`columns` was changed. Leave it as it was given: {', '.join(asked)}.")
    if len(sample) != round(0.1 * len(people)):
        return not_yet(f"`sample` was changed: it should be 10 % of {len(people):,} people, not {len(sample):,}.")
    places = people.index.get_indexer(sample.index)
    alone_here = group_sizes(sample, columns) == 1
    alone_there = group_sizes(people, columns)[places] == 1
    expected = {"looks": alone_here.mean(), "are": alone_there[alone_here].mean()}
    # What comes out if pandas' groupby leaves out everybody with a missing answer, as it does unless told.
    lone = sample.groupby(columns, observed=True)["age"].transform("size").eq(1).to_numpy()
    lone_there = people.groupby(columns, observed=True)["age"].transform("size").eq(1).to_numpy()[places]
    whole = sample[columns].notna().all(axis=1).to_numpy()
    without = {
        "looks": [lone.mean(), lone[whole].mean()],
        "are": [lone_there[lone].mean(), lone_there[alone_here].mean()],
    }
    given = {"looks": _number(looks), "are": _number(are)}
    for value in given.values():
        if isinstance(value, Verdict):
            return value
    if _close(given["looks"], expected["are"], 1e-4) and _close(given["are"], expected["looks"], 1e-4):
        return not_yet("The right two numbers, exchanged.")
    for name, value in given.items():
        if _close(value, 100 * expected[name], 1e-2):
            return not_yet(f"`{name}` is in per cent. Give a share between 0 and 1.")
        if value > 1 or value < 0:
            return not_yet(f"`{name}` is {value:g}. A share lies between 0 and 1.")
        if _close(value, expected[name], 1e-4):
            continue
        if any(_close(value, other, 1e-4) for other in without[name]):
            return not_yet(
                f"`{name}` leaves out people with a missing answer. Here a missing answer counts as an answer: take "
                "`reidentification.group_sizes`, or groupby with dropna=False."
            )
        if _close(value, expected[name], 0.0051) and _close(100 * value, round(100 * value), 1e-6):
            return not_yet(f"`{name}` seems to be rounded. Give it as it was computed.")
    if not _close(given["looks"], expected["looks"], 1e-4):
        return not_yet(
            "`looks` is off: in which share of the sample's rows is the group, within the sample, of size 1?"
        )
    if not _close(given["are"], expected["are"], 1e-4):
        if _close(given["are"], alone_there.mean(), 1e-4):
            return not_yet("That is out of everybody in the sample. Take those only who look unique.")
        if _close(given["are"], (group_sizes(people, columns) == 1).mean(), 1e-4):
            return not_yet("That is the share among all people. Take those of the sample only who look unique in it.")
        if _close(given["are"], 1 - expected["are"], 1e-4):
            return not_yet("That is the share of those who only look unique.")
        return not_yet("`are` is off: of those who look unique, which share has a group of size 1 among all people?")
    return right("A larger sample lies less, and still lies. And this file is itself a sample of a country.")


@check
def check_name_of(name_of):
    """name_of: the student's function from a person and a register to a name or None."""
    import pandas as pd

    people = pd.DataFrame(
        [("Ada Fernbeck", "00101", "woman", "1970-01-02"), ("Bel Larchmere", "00101", "woman", "1970-01-03"),
         ("Cora Otterfold", "00102", "woman", "1970-01-02"), ("Dorico Rushshaw", "00102", "woman", "1970-01-02"),
         ("Elas Goosegarth", "00101", "man", "1970-01-02")],
        columns=["name", "zip", "sex", "born"],
    )  # fmt: skip
    double = pd.concat([people, people[:1]], ignore_index=True)  # two entries with one name may be two people
    cases = [(0, people, "Ada Fernbeck"), (2, people, None), (4, people, "Elas Goosegarth"), (4, people[:4], None),
             (2, people[:3], "Cora Otterfold"), (0, people[1:], None), (0, people[::-1], "Ada Fernbeck"),
             (0, double, None)]  # fmt: skip
    answers = []
    for row, register, _ in cases:
        person = people.drop(columns="name").loc[row]
        fitting = int((register[["zip", "sex", "born"]] == person).all(axis=1).sum())
        try:
            answers.append((name_of(person, register), fitting))
        except (IndexError, KeyError, ValueError) as problem:
            return not_yet(f"With {fitting} fitting entries your function stops: {type(problem).__name__}: {problem}")
    if all(given is None for given, _ in answers):
        return not_yet(
            "Your function gives None for everybody. Is there a return? If so, it may find too many entries: an entry "
            "fits if all three columns are the same, not one of them."
        )
    for (given, fitting), (_, register, expected) in zip(answers, cases, strict=True):
        if given is ...:
            return not_yet("Replace the ... with your answer, then run this cell again.")
        if given is not None and not isinstance(given, str):
            return not_yet(
                f"Give one name as text, or None. Yours is a {type(given).__name__}: take .item() of a column of one."
            )
        if given == "None":
            return not_yet("You give the text 'None'. Give None itself, without quotes.")
        if given == expected:
            continue
        if register is double:
            return not_yet(
                f"{fitting} entries fit, and your function names {given}. Two entries with one name may be two people: "
                "count entries, not names."
            )
        if expected is None and fitting > 1:
            return not_yet(f"{fitting} entries fit, and your function names {given}. How would you know which it is?")
        if expected is None:
            return not_yet(f"Nobody in the register fits, and your function names {given}.")
        if given is None:
            return not_yet(
                f"Exactly one entry fits, {expected}, and your function gives None. It may find too many: compare all "
                "three columns, and ask that all of them are the same."
            )
        return not_yet(f"The entry that fits is {expected}, but your function says {given}. Compare all three columns.")
    return right(
        "One fitting entry is a claim, two are none. And the claim is wrong if the person is missing in the list."
    )


@check
def check_share_exposed(share_exposed):
    """share_exposed: the student's function from classes and answers to a share of people."""
    import numpy as np

    def pieces(classes, answers):
        same = {c: len(set(answers[classes == c])) == 1 for c in np.unique(classes)}
        return np.mean([same[c] for c in classes]), np.mean(list(same.values()))

    random = np.random.default_rng(0)
    cases = [([0, 0, 0, 1, 1], "aaaab"), ([0, 0, 0, 0], "abab"), ([0, 0, 0, 0], "bbbb")]
    cases = [(np.array(classes), np.array(list(answers))) for classes, answers in cases]
    cases += [(random.integers(3, size=8), random.choice(["other", "Republican"], 8)) for _ in range(40)]
    for classes, answers in cases:
        given = _number(share_exposed(classes, answers))
        if isinstance(given, Verdict):
            return given
        of_people, of_classes = pieces(classes, answers)
        if _close(given, of_people, 1e-6):
            continue
        if _close(given, of_classes, 1e-6):
            return not_yet("That is the share of classes. Large and small classes hold different numbers of people.")
        if _close(given, 100 * of_people, 1e-4):
            return not_yet("That is in per cent. Give a share between 0 and 1.")
        if _close(given, 1 - of_people, 1e-6):
            return not_yet("That is the share of people who are not exposed.")
        if _close(given, len(classes) * of_people, 1e-6):
            return not_yet("That is a number of people. Divide by all people.")
        return not_yet(
            f"For classes {classes.tolist()} and answers {answers.tolist()} it should give {of_people:.3f}, "
            f"but gives {given:.3f}."
        )
    return right("Nobody is alone, and still the class of these people gives their answer away.")


@check
def check_decision(decide, present, absent):
    """decide: the student's function from the fits of all users to the place of the one to claim, or None.

    present, absent: Trials of reidentification, of people who are in a release and who are not.
    """
    import numpy as np

    claims = {}
    for name, trial in {"present": present, "absent": absent}.items():
        places = []
        for fits in trial.fits:
            place = decide(fits.copy())
            if place is ...:
                return not_yet("Replace the ... with your answer, then run this cell again.")
            if place is not None:
                if isinstance(place, (bool, np.bool_)):
                    return not_yet("Give the place of the user whom you claim, such as `fits.argmax()`, or None.")
                place = _number(place)
                if isinstance(place, Verdict):
                    return place
                if place != int(place) or not 0 <= place < len(fits):
                    return not_yet(f"A place lies between 0 and {len(fits) - 1}, but you gave {place:g}.")
            places.append(-2 if place is None else int(place))
        claims[name] = np.array(places)
    false = float(np.mean(claims["absent"] != -2))
    found = float(np.mean(claims["present"] == present.place))
    wrong = float(np.mean((claims["present"] != -2) & (claims["present"] != present.place)))
    numbers = f"Of the absent {false:.1%} are named, of the present {found:.1%} rightly and {wrong:.1%} wrongly."
    if false == found == wrong == 0:
        return not_yet(
            "You name nobody. Is there a return? If so: two of the eight films are wrong, so the target fits six, and "
            "never all eight."
        )
    if false > 0.999:
        return not_yet(f"{numbers} You claim somebody for everybody. When is the best suspect not good enough?")
    if found == 0:
        return not_yet(f"{numbers} Two of the eight films are wrong, so the target fits six, and never more.")
    if false > 0.1:
        return not_yet(
            f"{numbers} At most 10 % of the absent may be. How many does the *second* best fit when a claim is wrong?"
        )
    if found < 0.35:
        return not_yet(f"{numbers} At least 35 % of the present should be named rightly: ask for a little less.")
    return right(
        f"{numbers} Silence has a price: right names. But a claim now means something, even if you do not know whether "
        "the person is in the data. To set such a rule one needs people who are not in it."
    )


@check
def check_two_questions(first, second, console):
    """first, second: the student's questions, dictionaries as Console.count takes them. console: a Console."""
    import re

    import numpy as np

    for name, question in {"first": first, "second": second}.items():
        if not isinstance(question, dict):
            return not_yet(f'`{name}` must be a dictionary, such as {{"zip": "00102"}}.')
        born = question.get("born", ())
        if isinstance(born, (list, set)):
            return not_yet(f'`{name}`: a range stands in round brackets, such as ("1980-01-01", "1980-12-31").')
        days = born if isinstance(born, tuple) else (born,)
        if not all(isinstance(day, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days):
            return not_yet(f'`{name}`: write days as year, month, day, such as "1981-04-09". You gave {born!r}.')
        if isinstance(born, tuple) and len(born) not in (0, 2):
            return not_yet(f"`{name}`: a range has two days, the first and the last, but you gave {len(born)}.")
        if days and days[0] > days[-1]:
            return not_yet(f"`{name}`: the range ends before it begins. First day first.")
        if console.count(question) is None:
            return not_yet(f"The console refuses `{name}`: fewer than {console.minimum} people fit.")
    if "in_debt" not in first or "in_debt" not in second:
        return not_yet(
            "Your questions do not both ask about debt: their difference tells who she is, not what she owes."
        )
    if first["in_debt"] != second["in_debt"]:
        return not_yet("One question asks about people in debt, the other about people who are not. Ask both the same.")

    def people(question):
        return console._fits({name: value for name, value in question.items() if name != "in_debt"})

    iona = console._fits({"zip": "00102", "sex": "woman", "born": "1981-04-09"})
    differ = people(first) ^ people(second)
    if not (differ & iona).any():
        return not_yet("Iona is in both groups, or in neither. Their difference says nothing of her.")
    if (differ & ~iona).any():
        return not_yet(f"The two groups differ by {int(np.sum(differ))} people. Make it one: Iona.")
    counts = [console.count(question) for question in (first, second)]
    if not first["in_debt"]:
        return right(
            f"The console answers {counts[0]:,} and {counts[1]:,}. You asked about people who are *not* in debt, and "
            "with Iona they are no more than without her: so she is in debt. No rule about one answer can see that."
        )
    return right(
        f"The console answers {counts[0]:,} and {counts[1]:,}. Each is harmless, and together they say that "
        "Iona is in debt. No rule about one answer can see that."
    )


@check
def check_mended_peak(estimate):
    """estimate: the student's function from queries and noisy answers to who said yes."""
    import numpy as np

    random = np.random.default_rng(0)
    shares, guesses, nobody = [], [], True
    for _ in range(12):
        truth = random.random(200) < 0.2
        queries = random.integers(0, 2, (200, 200)).astype(float)
        answers = queries @ truth + 0.25 * np.sqrt(200) * random.normal(size=200)
        given = estimate(queries, answers)
        if given is ...:
            return not_yet("Replace the ... with your answer, then run this cell again.")
        if given is None:
            return not_yet("Your function gives nothing back: is there a return?")
        given = np.asarray(given)
        if given.shape != (200,):
            return not_yet(f"For 200 people it should give 200 answers, but the shape is {given.shape}.")
        if not np.isin(given, (0, 1)).all():
            return not_yet("Say True or False for each person: compare the numbers with 0.5.")
        shares.append(np.mean(given == truth))
        guesses.append(np.mean(~truth))
        nobody &= not given.any()
    share, guess = float(np.mean(shares)), float(np.mean(guesses))
    found = f"{share:.1%} of people are right, and saying no of everybody gets {guess:.1%}."
    if nobody:
        return not_yet(f"{found} You say no of everybody: that is the guess itself. The penalty may be far too large.")
    if share < 0.6:
        return not_yet(f"{found} That is what least squares gives without a penalty.")
    if share < guess:
        return not_yet(f"{found} Is the penalty large enough, and only on the diagonal?")
    if share < guess + 0.02:
        return not_yet(f"{found} Beat the guess by 2 points at least. A penalty nearer to 12.5 / 0.16?")
    return right(f"{found} The noise was no protection at 200 questions: the attacker had only been clumsy.")


def _number(given):
    """A finite float, or the Verdict to give for what is none."""
    if given is ...:
        return not_yet("Replace the ... with your answer, then run this cell again.")
    if given is None:
        return not_yet("Your function gives nothing back: is there a return?")
    size = given.numel() if hasattr(given, "numel") else getattr(given, "size", 1)
    if size != 1 or isinstance(given, (list, tuple, dict, str)):
        return not_yet(f"One number is needed, but this is a {type(given).__name__}.")
    given = float(given.item() if hasattr(given, "item") else given)
    if given != given or given in (float("inf"), float("-inf")):
        return not_yet("That is not a finite number.")
    return given


# --- 03 Model inversion -------------------------------------------------------


@check
def check_wire_shape(shape):
    """shape: the student's answer, a tuple of two integers."""
    if isinstance(shape, (int, float)):
        return not_yet("A shape has a number for each dimension, in brackets: (rows, columns).")
    shape = tuple(shape)
    if shape == (32, 500):
        return right("32 messages of 500 numbers each. This is all that the server sees.")
    if shape == (500, 32):
        return not_yet("The right two numbers in the wrong order: one row for each box.")
    if 784 in shape or 28 in shape:
        return not_yet("784 = 28 × 28 is the size of a picture, and the picture stays on the phone.")
    if 10 in shape:
        return not_yet("Ten scores come out at the end of the second part, on the server.")
    if shape == (500,):
        return not_yet("That is the message of one box. There are 32.")
    return not_yet("Two numbers: how many boxes, and how many outputs the first part has.")


@check
def check_gap_closed(gap_closed):
    """gap_closed: the student's function of an error and a baseline."""
    share = gap_closed(0.15, 0.27)
    if share is ...:
        return not_yet("Replace the ... with your answer, then run this cell again.")
    if share is None:
        return not_yet("Your function gives nothing back: is there a return?")
    if _close(share, (0.27 - 0.15) / 0.15):
        return not_yet("You divide by the error. The whole gap is the baseline's error: divide by that.")
    if _close(share, 100 * (0.27 - 0.15) / 0.27):
        return not_yet("That is in per cent. Give a share: 1 for a perfect copy.")
    if _close(share, (0.15 - 0.27) / 0.27):
        return not_yet("The sign is turned round: a smaller error than the baseline's must give a positive share.")
    if _close(share, 0.15 / 0.27):
        return not_yet("That is the share that is left. A perfect copy should give 1, this gives 0.")
    if _close(share, 0.27 - 0.15):
        return not_yet("That is the size of the gap closed, not its share: divide by the whole gap.")
    cases = {(0.27, 0.27): 0, (0.0, 0.27): 1, (0.15, 0.27): 0.12 / 0.27, (0.3, 0.2): -0.5, (0.05, 0.1): 0.5}
    for (error, baseline), expected in cases.items():
        given = gap_closed(error, baseline)
        if not _close(given, expected):
            return not_yet(
                f"For an error of {error} and a baseline of {baseline} it should give {expected:.3g}, "
                f"but gives {float(given):.3g}."
            )
    return right("Now attacks on different data can be compared. A negative share is worse than a guess.")


@check
def check_ridge(ridge_weights):
    """ridge_weights: the student's function of activations, pictures and a penalty."""
    import torch

    from .inversion import fit_ridge

    random = torch.Generator().manual_seed(0)
    for width, pixels, penalty in ((5, 784, 1.0), (20, 784, 30.0), (500, 784, 0.1)):
        H = torch.rand(600, width, generator=random)
        X = torch.rand(600, pixels, generator=random) * 2 - 1
        try:
            weights = ridge_weights(H, X, penalty)
        except RuntimeError as problem:
            if "501" not in str(problem):
                raise
            return not_yet(f"Your table A has {width + 1} columns here, not 501. Take the identity's size from A.")
        if weights is ... or weights is None:
            return not_yet("The function returns no weights yet.")
        if tuple(weights.shape) == (width, pixels):
            return not_yet("There is no weight for the constant: add a column of ones to H.")
        if tuple(weights.shape) != (width + 1, pixels):
            return not_yet(
                f"For {width} activations and {pixels} pixels the weights need shape {(width + 1, pixels)}, "
                f"but have {tuple(weights.shape)}."
            )
        expected = fit_ridge(H, X, penalty)
        if _same_weights(weights, expected.roll(1, 0)):
            return not_yet("Nearly: the constant's weights should stand in the last row. Put the ones last.")
        if not _same_weights(weights, expected):
            return not_yet(f"The weights are off for a penalty of {penalty}. Is it used, and on the diagonal only?")
    return right("This is a complete attack on a dense layer. All it needs is activations of pictures you own.")


@check
def check_auxiliary(errors, candidates, model, private):
    """errors: the student's mean squared errors by name. candidates: pictures by name, each (n, 784)."""
    from .inversion import fit_ridge, mse, redraw_ridge

    missing = set(candidates) - set(errors)
    if missing:
        return not_yet(f"There is no error yet for: {', '.join(sorted(missing))}.")
    for name, pictures in candidates.items():
        weights = fit_ridge(model.sent(pictures), pictures)
        expected = mse(private, redraw_ridge(weights, model.sent(private))).mean().item()
        given = errors[name]
        if getattr(given, "numel", lambda: 1)() > 1:
            return not_yet(f"For {name} there is an error for each picture. Take their mean.")
        given = float(given)
        if not _close(given, expected, 0.02):
            own = mse(pictures, redraw_ridge(weights, model.sent(pictures))).mean().item()
            if _close(given, own, 0.02):
                return not_yet(f"For {name} you measured on the attacker's own pictures. Measure on test_x.")
            return not_yet(f"The error for {name} is off: you have {given:.3f}. Fit on {name}, measure on test_x.")
    return right(
        "Noise is worse than a guess, letters are best, and turning them costs a little without any warning. "
        "The attacker needs pictures with strokes, not pictures of digits."
    )


@check
def check_not_redrawn(drawn, why, model, letters):
    """drawn: the student's picture, 784 numbers from -1 to 1. why: "strokes" or "place". letters: the attacker's."""
    import torch

    from .inversion import fit_ridge, mse, redraw_ridge

    drawn, problem = _as_picture(drawn, letters)
    if problem:
        return problem
    if why not in ("strokes", "place"):
        return not_yet('Why does the line fail? Answer "strokes" or "place".')
    weights, guess = fit_ridge(model.sent(letters), letters), letters.mean(dim=0)[None]

    def share(picture):  # of the guess's error that the line still makes
        redrawn = redraw_ridge(weights, model.sent(picture))
        return (mse(picture, redrawn) / mse(picture, guess)).item()

    ink, steps = (drawn.reshape(28, 28) + 1) / 2, torch.arange(28, device=drawn.device)
    middle = [round(13.5 - ((ink.sum(dim=1 - axis) * steps).sum() / ink.sum()).item()) for axis in (0, 1)]
    as_drawn, centred = share(drawn), share((2 * ink.roll(middle, (0, 1)) - 1).reshape(1, 784))
    if as_drawn < 0.5:
        return not_yet(
            f"The line redraws it: its error is {as_drawn:.0%} of the mean letter's. It must be over half. "
            "Change the strokes, or move a digit a few steps with the arrow keys."
        )
    if centred < 0.5 and why == "strokes":
        return not_yet(f"Moved to the middle, it is redrawn: {centred:.0%} of the mean letter's error.")
    if centred >= 0.5 and why == "place":
        return not_yet(f"In the middle it is not redrawn either: {centred:.0%} of the mean letter's error.")
    return right(
        "This attacker draws what its letters have taught it. The message may still hold your drawing: "
        "an attacker whose own pictures resemble yours may redraw it."
    )


@check
def check_unreadable_noise(noise, digit, drawn, model, letters, reader):
    """noise: the scale at which the student cannot read the line's picture of drawn, which shows digit."""
    import torch

    from .defences import fit_lines, with_noise
    from .inversion import mse, redraw_ridge

    drawn, problem = _as_picture(drawn, letters)
    if problem:
        return problem
    noise, digit = float(noise), int(digit)
    if not 0 < noise <= 100:
        return not_yet(f"A scale of noise is above 0, as on the pad, but {noise:g} was given.")
    if int(reader(drawn).argmax()) != digit:
        return not_yet(
            f"The reader sees a {int(reader(drawn).argmax())} in the drawing itself, without noise. "
            "Check digit, or load a sample with a digit key."
        )
    if int(reader(letters.mean(dim=0)[None]).argmax()) == digit:
        return not_yet(
            f"The reader names even the mean letter a {digit}, which holds nothing of your message. Take another digit."
        )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        messages = with_noise(model.sent(drawn).repeat(200, 1), noise)
    lines = fit_lines(model.sent(letters), letters, [0.0, 2 * noise**2])
    redrawn = redraw_ridge(lines[2 * noise**2], messages)
    as_read = (reader(redrawn).argmax(dim=1) == digit).float().mean().item()
    without_noise = mse(drawn, redraw_ridge(lines[0.0], model.sent(drawn))).item()
    gain = mse(drawn, letters.mean(dim=0)[None]).item() - without_noise
    lost = (mse(drawn.expand_as(redrawn), redrawn).mean().item() - without_noise) / gain if gain > 0 else 1.0
    if lost < 0.25:
        return not_yet(
            f"The noise takes away only {max(lost, 0):.0%} of what the line gains over drawing the mean letter. "
            "Can you really not read it? Turn the noise up."
        )
    if as_read < 0.5:
        return not_yet(
            f"The reader reads {as_read:.0%} of 200 such messages right, fewer than half. Turn the noise down. "
            "If no step of the slider fits, take another digit."
        )
    return right(
        f"The reader reads {as_read:.0%} of 200 such messages right. It names the mean letter something else, so it "
        "reads what is left of the message. Only you can say whether you could read it: the check cannot test that."
    )


def _as_picture(drawn, like):
    """(drawn as a tensor of shape (1, 784), None), or (None, what is wrong with it)."""
    import torch

    drawn = torch.as_tensor(drawn, dtype=torch.float32).to(like.device).reshape(1, -1)
    if drawn.shape[1] != 784:
        return None, not_yet(f"A picture has 784 numbers, but this has {drawn.shape[1]}.")
    if not (drawn.min() >= -1 and drawn.max() <= 1):
        return None, not_yet("Pixels lie between -1 (paper) and 1 (ink).")
    if drawn.max() < 0:
        return None, not_yet("There is next to no ink on it. Draw something.")
    return drawn, None


@check
def check_active_share(shares, model, untrained, pictures):
    """shares: the student's average share of active units, from 0 to 1, for "trained" and "untrained"."""
    for name, client in {"trained": model, "untrained": untrained}.items():
        expected = (client.sent(pictures) > 0).float().mean().item()
        given = float(shares[name])
        if _close(given, expected, 0.005):
            continue
        if _close(given, 500 * expected, 0.5):
            return not_yet(f"{given:.0f} is the number of active units. Divide by 500 for the share.")
        if _close(given, 1 - expected, 0.005):
            return not_yet("That is the share of silent units.")
        if _close(given, 100 * expected, 0.5):
            return not_yet("That is in per cent. Give a share between 0 and 1.")
        return not_yet(f"The share for the {name} client is off: you have {given:.3f}.")
    return right(
        f"The untrained client speaks with {float(shares['untrained']):.0%} of its units, the trained one with "
        f"{float(shares['trained']):.0%}. An attack on an untrained client measures a leak that no customer has."
    )


@check
def check_label_from_gradient(label_from_gradient):
    """label_from_gradient: the student's function from ten numbers to a digit."""
    import torch

    random = torch.Generator().manual_seed(0)
    for _ in range(200):
        label = int(torch.randint(10, (), generator=random))
        # Networks that are unsure, sure and right, or sure and wrong.
        spread = 5 * torch.rand((), generator=random)
        gradient = (spread * torch.randn(10, generator=random)).softmax(0)
        gradient[label] -= 1
        given = label_from_gradient(gradient)
        if given is ...:
            return not_yet("Replace the ... with your answer, then run this cell again.")
        if int(given) != label:
            if int(given) == int(gradient.argmax()):
                return not_yet("The largest number belongs to a digit that was not written. Look at the signs.")
            if int(given) == int((gradient + torch.eye(10)[label]).argmax()):
                return not_yet("That is the digit that the network believes in, which may be wrong. Look at the signs.")
            numbers = [round(float(g), 2) for g in gradient]
            return not_yet(f"The digit was {label}, but your function says {int(given)} for {numbers}.")
    return right("One sign gives the label away. A gradient holds both the picture and the answer.")


@check
def check_reading_scores(gave_away):
    """gave_away: for each of "A", "B" and "C" one of "hand", "class", "nothing"."""
    expected = {"A": "class", "B": "nothing", "C": "hand"}
    for name in expected:
        if gave_away.get(name) not in ("hand", "class", "nothing"):
            return not_yet(f'Say "hand", "class" or "nothing" for {name}.')
    if gave_away["A"] == "nothing":
        return not_yet("A has the MSE of a guess. But how often is it read right?")
    if gave_away["A"] == "hand":
        return not_yet("A is read right very often. Do its copies lead back to the person who wrote them?")
    if gave_away["C"] == "class":
        return not_yet("C leads back to its writer most of the time. A class could not.")
    if gave_away != expected:
        return not_yet("Compare B and C once more with what a guess reaches: about 10 % read right, about 1 % found.")
    return right("MSE could not tell A from B. The right question did: what was written, and by whom?")


# --- 04 What helps ------------------------------------------------------------


@check
def check_ways(ways):
    """ways: for each of the three columns the name of the student's way to lock it, or "none of these"."""
    known = ("plain hash", "keyed pseudonym", "deterministic", "order-preserving", "randomised", "filled up",
             "none of these")  # fmt: skip
    columns = ("archive", "patient number", "counted by the cloud")
    missing = [column for column in columns if column not in ways]
    if missing:
        return not_yet(f"There is no answer yet for: {', '.join(missing)}.")
    chosen = {column: str(ways[column]).strip().lower() for column in columns}
    for column, way in chosen.items():
        if way not in known:
            return not_yet(f"{column}: {way!r} is not one of {', '.join(known)}.")
    archive, number, counted = chosen.values()
    if archive == "randomised":
        return not_yet("The archive: randomised cells differ, but their lengths do not lie. What else must be equal?")
    if archive == "none of these":
        return not_yet("The archive: the clinic reads it as a whole, so no question must work. One of the six will do.")
    if archive == "plain hash" or archive == "keyed pseudonym":
        return not_yet("The archive: the clinic must read it again. Nobody gets a text back from a hash.")
    if archive != "filled up":
        return not_yet(
            f"The archive: nobody has to search it, so why pay with equal cells? Look at what {archive!r} gives away."
        )
    if number == "plain hash":
        return not_yet("Patient numbers: there are few of them. Whoever hashes them all has a dictionary.")
    if number in ("randomised", "filled up"):
        return not_yet("Patient numbers: two studies are to be joined, and no two of these cells are ever equal.")
    if number == "order-preserving":
        return not_yet("Patient numbers: to join, they must be equal. Nobody asked for their order.")
    if number == "none of these":
        return not_yet("Patient numbers: each occurs once in a study. What can be counted in such a column?")
    if counted != "none of these":
        return not_yet(
            f"Counted by the cloud: with {counted!r} the cloud "
            + ("cannot count at all." if counted in ("randomised", "filled up") else "counts, and so does the thief.")
        )
    return right(
        "A number that never repeats may be equal in two tables for those who hold the key. "
        "But what the cloud can count and read without the key, the thief counts too: publish noisy counts in its "
        "place. And fill the archive's empty cells up as well, or they show who has no diagnosis."
    )


@check
def check_private_counts(publish):
    """publish: the student's function of counts, a total ε and a NumPy generator. A person may be in every count."""
    import numpy as np
    from scipy.stats import ks_2samp, kstest

    for m, epsilon in ((1, 2.0), (10, 1.0), (40, 0.5)):
        counts = np.arange(100.0, 100 + m)
        random = np.random.default_rng(m)
        first = publish(counts, epsilon, random)
        if first is ...:
            return not_yet("Replace the ... with your answer, then run this cell again.")
        if first is None:
            return not_yet("Your function gives nothing back: is there a return?")
        if np.shape(first) != (m,):
            return not_yet(f"For {m} counts it should give {m} numbers, but the shape is {np.shape(first)}.")
        answers = np.array([publish(counts, epsilon, random) for _ in range(max(4000 // m, 400))], float)
        noise, several = answers - counts, f"For {m} count{'s' if m > 1 else ''} and ε = {epsilon}"
        if m > 1 and np.ptp(noise, axis=1).max() < 1e-9:
            return not_yet(
                "All counts of a release get the same noise. Their differences are then exact: draw for each."
            )
        if np.abs(noise).max() < 1e-9:
            return not_yet("There is no noise in the answers.")
        if np.ptp(noise, axis=0).max() < 1e-9:
            return not_yet("Every call gives the same noise: use the generator that you are given.")
        noise, scale = noise.ravel(), m / epsilon
        if kstest(noise, "laplace", args=(0, scale)).pvalue > 1e-4:
            continue
        drawn = np.random.default_rng(0).laplace(scale=scale, size=100_000).round()
        if (noise == noise.round()).all() and ks_2samp(noise, drawn).pvalue > 1e-4:
            continue  # rounded afterwards, which gives nothing away
        if kstest(answers.ravel(), "laplace", args=(0, scale)).pvalue > 1e-4:
            return not_yet("That is the noise alone. Add it to the counts.")
        if np.mean(answers == 0) > 0.01 and answers.min() == 0:
            return not_yet(
                "You cut off below 0. That gives nothing away, but small counts come out too large on average: "
                "publish them as they are."
            )
        found = np.abs(noise).mean()  # of Laplace noise, this estimates the scale
        for wrong, hint in (
            (
                1 / epsilon,
                "that is ε for each count. One person is in all of them: split ε, or add up what they can change.",
            ),
            (scale / 2, "that is half of what is needed, so the release costs twice its ε."),
            (scale**2, "that is the square of it."),
            (m * epsilon, "you multiply by ε. A smaller ε must give more noise."),
            (epsilon / m, "that is ε over the number of counts: turn the fraction round."),
        ):
            if abs(found / wrong - 1) < 0.06 and abs(wrong / scale - 1) > 0.2:
                return not_yet(f"{several} the scale of your noise is about {found:.3g}: {hint}")
        if abs(found / scale - 1) < 0.1 or abs(noise.std() / scale / 2**0.5 - 1) < 0.1:
            return not_yet(
                "The size of the noise is about right, but its shape is not Laplace's: random.laplace draws it."
            )
        return not_yet(f"{several} the scale should be {scale:.3g}, but is about {found:.3g}.")
    return right("However many counts there are, one person changes them by m in all: noise of scale m/ε covers it.")


@check
def check_largest_epsilon(largest_epsilon):
    """largest_epsilon: the student's function from a prior under one half to an ε."""
    import math

    for prior in (0.2, 0.01, 0.45):
        given = _number(largest_epsilon(prior))
        if isinstance(given, Verdict):
            return given
        expected = math.log((1 - prior) / prior)
        if _close(given, expected, 1e-3 * expected):
            continue
        if _close(given, expected, 0.02 * expected):
            return not_yet(f"Nearly: for {prior} it is {expected:.4f}, not {given:.4f}. Do not round.")
        for wrong, hint in (
            ((1 - prior) / prior, "That is by how much the odds may grow. It is exp(ε): take the logarithm."),
            (-expected, "The sign is turned round: odds of 1 are above the odds before."),
            (
                math.log(0.5 / prior),
                "You let the belief grow exp(ε) times. It is the odds that do: belief to disbelief.",
            ),
            (math.log10((1 - prior) / prior), "Take the natural logarithm: math.log."),
            (math.log(1 / prior), "The odds of a belief p are p / (1 − p), not p."),
        ):
            if _close(given, wrong, 1e-3 * abs(wrong)):
                return not_yet(hint)
        reached = 1 / (1 + (1 - prior) / prior * math.exp(-given)) if abs(given) < 700 else 1.0
        return not_yet(
            f"From a belief of {prior:.0%}, ε = {given:.3g} leads to at most {reached:.1%}. It should be 50 %."
        )
    return right(
        "The rarer the answer, the larger the ε at which nobody can be sure. But for an answer that half of all "
        "people give, every ε above 0 moves the belief past one half."
    )


@check
def check_noise_left(noise_left):
    """noise_left: the student's function from the scale of Laplace noise and a number of messages to a deviation."""
    for scale, messages in ((1.0, 1), (1.0, 16), (3.0, 4), (0.5, 100)):
        given = _number(noise_left(scale, messages))
        if isinstance(given, Verdict):
            return given
        expected = (2 / messages) ** 0.5 * scale
        if _close(given, expected, 1e-3 * expected):
            continue
        for wrong, hint in (
            (
                scale / messages**0.5,
                "The scale of Laplace noise is not its standard deviation: that is √2 times as large.",
            ),
            (2**0.5 * scale / messages, "The variance of a mean falls as 1/n, so the deviation as 1/√n."),
            (2 * scale**2 / messages, "That is the variance. Take its root."),
            ((2 * scale / messages) ** 0.5, "The variance of Laplace noise is twice the *square* of its scale."),
            (2**0.5 * scale, "That is the noise of one message. How many are averaged?"),
            (
                (2 * messages) ** 0.5 * scale,
                "That is the noise of the sum. The mean divides by the number of messages.",
            ),
        ):
            if _close(given, wrong, 1e-3 * wrong):
                return not_yet(hint)
        if _close(given, expected, 0.03 * expected):
            return not_yet(
                f"Nearly: for scale {scale:g} and {messages} messages it is {expected:.5f}, not {given:.5f}. "
                "Compute it; drawing noise gives it only roughly."
            )
        return not_yet(f"For scale {scale:g} and {messages} messages it should be {expected:.3g}, but is {given:.3g}.")
    return right(
        "Sixteen messages take away three quarters of the noise. A promise of noise needs a limit on messages."
    )


@check
def check_choose_cell(choose, grid):
    """choose: the student's function from the grid to (when, noise, nopeek). grid: from defences.read_grid()."""
    from .defences import ATTACKERS

    # Another grid, shuffled and with the attackers' successes turned round, so that neither a cell learned by
    # heart passes, nor a place in the filtered table that is used in the whole one.
    harder = grid.sample(frac=1, random_state=1).reset_index(drop=True)
    for name in ATTACKERS:
        harder[f"{name}_found"] = 1 - harder[f"{name}_found"] * (1 + harder["noise"]) / 4

    def answer(table, least, score):
        kept = table[table["accuracy"] >= least]
        row = table.loc[score(kept).idxmin()]
        return row["when"], float(row["noise"]), float(row["nopeek"])

    def strongest(table):
        return table[[f"{name}_found" for name in ATTACKERS]].max(axis=1)

    for table in (grid, harder):
        try:
            given = choose(table)
        except (ValueError, IndexError) as problem:
            if "empty" not in str(problem):
                raise
            return not_yet("No cell is left to choose from. Accuracy runs from 0 to 1, so 85 % is 0.85.")
        if given is ...:
            return not_yet("Replace the ... with your answer, then run this cell again.")
        if given is None:
            return not_yet("Your function gives nothing back: is there a return?")
        if getattr(given, "shape", None) == (3,):
            given = given.tolist()
        if not isinstance(given, (tuple, list)) or len(given) != 3 or not isinstance(given[0], str):
            return not_yet('Give three values back: when, noise and nopeek, such as ("in training", 0.5, 0.1).')
        given = given[0], float(given[1]), float(given[2])
        expected = answer(table, 0.85, strongest)
        if given == expected:
            continue
        names = {name: lambda t, name=name: t[f"{name}_found"] for name in ATTACKERS}
        if given == answer(table, 0.85, names["unaware"]):
            return not_yet(
                "That is best against the attacker who does not know of the noise. Take the strongest of three."
            )
        if given == answer(table, 0, strongest):
            return not_yet("That cell protects most, but there the clinic reads under 85 % of the digits.")
        if given == answer(table, 0.85, names["informed"]) and given != answer(table, 0.85, names["averaging"]):
            return not_yet("That is best against one message. The attacker who averages sixteen is in the grid too.")
        if given == answer(table, 0.85, lambda t: t[["dcor", "dcor_unbiased_sqr"]].min(axis=1)):
            return not_yet("You trust a distance correlation. Ask what the attackers found.")
        if given == answer(table, 0.85, lambda t: -strongest(t)):
            return not_yet("That is the cell where the attackers find most. Look for the smallest.")
        which = "" if table is grid else "On another grid, with the same columns: "
        return not_yet(
            f"{which}{given} is not the one. Per cell take the largest of the three, then the smallest of all cells."
        )
    cell = grid.set_index(["when", "noise", "nopeek"]).loc[answer(grid, 0.85, strongest)]
    found = max(cell[f"{name}_found"] for name in ATTACKERS)
    return right(
        f"Even there the strongest of the three finds {found:.0%} of the pictures again, and the clinic "
        f"reads {cell['accuracy']:.0%}. That is the best that this grid offers at this price. An attacker who takes "
        "the median, or matches candidates, finds more."
    )


@check
def check_auc(auc):
    """auc: the student's function from members' and strangers' losses to the chance that a member's is below."""
    import numpy as np

    random = np.random.default_rng(0)
    members, strangers = random.exponential(size=60), 1.3 * random.exponential(size=45)
    cases = (
        ([0.1, 0.2], [0.3, 0.4], 1.0),
        ([0.1, 0.25, 0.35], [0.2, 0.3, 0.32], 5 / 9),
        (members, strangers, np.mean(members[:, None] < strangers[None, :])),
        ([1.0, 1.0, 2.0], [1.0, 3.0], 4 / 6),  # of six pairs three below and two equal
    )
    for first, second, expected in cases:
        given = _number(auc(np.array(first), np.array(second)))
        if isinstance(given, Verdict):
            return given
        if _close(given, expected, 1e-6):
            continue
        if _close(given, 1 - expected, 1e-6):
            return not_yet(
                "The wrong way round: members have the *smaller* losses, so it is their loss that must be below."
            )
        if _close(given, 100 * expected, 1e-4):
            return not_yet("That is in per cent. Give a chance from 0 to 1.")
        if set(first) & set(second):
            return not_yet("Where the two losses are equal, count one half: the attacker tosses a coin.")
        if len(first) == len(second) and _close(given, np.mean(np.array(first) < np.array(second)), 1e-6):
            return not_yet("You compare the first with the first. Compare each member with each stranger.")
        return not_yet(
            f"For members {first[:3]}… and strangers {second[:3]}… it should be {expected:.3g}, not {given:.3g}."
        )
    return right("One half is a coin. This number says how well an attack sorts people, whatever threshold it takes.")


# What each choice of check_recommendation leaves open; the first of each list keeps to the clinic's limits.
_CHOICES = {
    "cloud": {
        "filled up": "whose row has a diagnosis at all can still be seen, and who watches queries learns from them",
        "randomised": "the length of a cell tells most diagnoses",
        "deterministic": "equal cells are counted, and lengths are read too",
        "keyed pseudonym": "equal cells are counted, and the key does not bring a diagnosis back",
    },
    "counts": {
        "one table, ε = 1 in all": "what is true of a group stays true of her, and whoever knows all others still "
        "tells a yes from a no in 72 of 100 pairs, where a coin does in 50",
        "one table a year, ε = 1 each": "after two years ε is 2 in all, and a belief of 25 % may become 71 %",
        "ε = 1 for each question": "a thousand questions cost an ε of 1,000: noise that is fresh is averaged away",
        "none under 100": "two questions that are both allowed may differ by one person, and so give her answer away",
    },
    "forms": {
        "read on the phone": "the digits themselves, which are the purpose, and whoever takes the phone",
        "noise 2 in training": "whoever averages sixteen messages finds most pictures again, and whoever holds the "
        "candidates needs one message",
        "NoPeek 1": "the squared correlation halves and nearly every picture is found",
        "DP-SGD": "it protects those whose digits trained the network, and what is sent gives away no less than before",
    },
}


@check
def check_recommendation(recommended):
    """recommended: the student's choice for "cloud", "counts" and "forms", each one of its list."""
    missing = [name for name in _CHOICES if name not in recommended]
    if missing:
        return not_yet(f"There is no choice yet for: {', '.join(missing)}.")
    for name, choices in _CHOICES.items():
        if recommended[name] not in choices:
            return not_yet(f"For {name} choose one of: {'; '.join(choices)}.")
    good = {name: recommended[name] == next(iter(choices)) for name, choices in _CHOICES.items()}
    left = [f"{name}, {recommended[name]}: {choices[recommended[name]]}" for name, choices in _CHOICES.items()]
    if not all(good.values()):
        bad = [text for text, kept in zip(left, good.values(), strict=True) if not kept]
        return not_yet(f"Over the clinic's limits. {'. '.join(bad)}.")
    return right(f"It keeps to the limits. It still leaves open: {'. '.join(left)}. Say so to the clinic too.")


def _same_weights(weights, expected):
    # Single and double precision differ in the third digit here; a wrong penalty differs far more.
    return (weights.float() - expected).abs().mean() < 0.01 * expected.abs().mean()


def _close(given, expected, tolerance=1e-6):
    return abs(float(given) - expected) <= tolerance
