"""The checks behind "Your turn" of lesson 2."""

import re

import numpy as np

from ..verdict import NotYet, answer_of, check, close, known_mistake, number
from .anonymity import group_sizes


def _known_slips(given, share, people, named, hints):
    """known_mistake for a share of people: in per cent, as a number, that of all others, and what ``hints`` tells."""
    slips = {
        100 * share: "That is in per cent. Give a share between 0 and 1.",
        1 - share: f"That is the share of people who are not {named}.",
        people * share: "That is a number of people. Divide by all people.",
    }
    known_mistake(given, slips | hints, tolerance=0.01, relative=1e-3)


@check
def check_birthday(unique_share):
    """unique_share: the student's function from a list of ZIP code sizes to the share of people who are unique."""
    cells = 365 * 78 * 2
    for sizes in ([9_330], [1_000, 30_000], [2_000, 2_000, 60_000], [500, 9_000, 20_000, 90_000]):
        n = np.array(sizes, float)
        alone = np.exp(-n / cells)
        given = number(answer_of(unique_share, list(sizes)))
        expected = float(np.average(alone, weights=n))
        if close(given, expected, 0.01):  # counting by throwing people into cells is an answer too
            continue
        hints = {
            alone.mean(): "You count each ZIP code once. But we ask about people: more of them live in the large ones.",
            np.exp(-n.mean() / cells): "You take the average size first. Most people live in a ZIP code above it.",
        }
        _known_slips(given, expected, n.sum(), "unique", hints)
        raise NotYet(
            f"For ZIP codes of {', '.join(f'{size:,}' for size in sizes)} people it should give {expected:.3f}, but "
            f"gives {given:.3f}."
        )
    varied = [round(-9_330 * np.log(1 - (i + 0.5) / 200)) for i in range(200)]  # as an exponential distribution
    uneven, even, wide = (number(unique_share(n)) for n in ([1_000, 17_660], [9_330, 9_330], varied))
    return (
        f"ZIP codes of 1,000 and 17,660 people give {uneven:.2f}, two of 9,330 give {even:.2f}. The same average size, "
        "and fewer unique people: the large ZIP codes hide more people than the small expose. If sizes vary as widely "
        f"as an exponential distribution, {wide:.2f} is left."
    )


@check
def check_honest_sample(looks, are, people, sample, columns):
    """looks: share of the sample that looks unique. are: share of those who are unique among all people.

    people, sample: DataFrames; the sample's index says who of the people they are.
    """
    asked = ["state", "age", "sex", "degree", "race", "income"]
    if isinstance(columns, str) or sorted(columns) != sorted(asked):
        raise NotYet(f"`columns` was changed. Leave it as it was given: {', '.join(asked)}.")
    if len(sample) != round(0.1 * len(people)):
        raise NotYet(f"`sample` was changed: it should be 10 % of {len(people):,} people, not {len(sample):,}.")
    looks, are = number(looks), number(are)
    places = people.index.get_indexer(sample.index)
    here, everywhere = (group_sizes(table, columns) == 1 for table in (sample, people))
    there = everywhere[places]
    # Who is alone if pandas' groupby leaves out everybody with a missing answer, as it does unless told.
    lone, lone_there = (
        table.groupby(columns, observed=True)["age"].transform("size").eq(1).to_numpy() for table in (sample, people)
    )
    lone_there = lone_there[places]
    should_look, should_be = here.mean(), there[here].mean()
    if close(looks, should_be, 1e-4) and close(are, should_look, 1e-4):
        raise NotYet("The right two numbers, exchanged.")
    question = "in which share of the sample's rows is the group, within the sample, of size 1?"
    whole = sample[columns].notna().all(axis=1).to_numpy()
    _judge_share("looks", looks, should_look, [lone.mean(), lone[whole].mean()], {}, question)
    question = "of those who look unique, which share has a group of size 1 among all people?"
    hints = {
        there.mean(): "That is out of everybody in the sample. Take those only who look unique.",
        everywhere.mean(): "That is the share among all people. Take those only who look unique in the sample.",
        1 - should_be: "That is the share of those who only look unique.",
    }
    _judge_share("are", are, should_be, [lone_there[lone].mean(), lone_there[here].mean()], hints, question)
    return "A larger sample lies less, and still lies. And this file is itself a sample of a country."


def _judge_share(name, given, expected, without_missing, hints, question):
    """NotYet where a share is not ``expected``. without_missing: what it may be if people with gaps are left out."""
    if close(given, expected, 1e-4):
        return
    if close(given, 100 * expected, 1e-2):
        raise NotYet(f"`{name}` is in per cent. Give a share between 0 and 1.")
    if not 0 <= given <= 1:
        raise NotYet(f"`{name}` is {given:g}. A share lies between 0 and 1.")
    missing = (
        f"`{name}` leaves out people with a missing answer. Here a missing answer counts as an answer: take "
        "`reidentification.group_sizes`, or groupby with dropna=False."
    )
    known_mistake(given, hints | dict.fromkeys(without_missing, missing), tolerance=1e-4)
    if close(given, expected, 0.0051) and close(100 * given, round(100 * given), 1e-6):
        raise NotYet(f"`{name}` seems to be rounded. Give it as it was computed.")
    raise NotYet(f"`{name}` is off: {question}")


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
            answers.append((answer_of(name_of, person, register, may_be_none=True), fitting))
        except (IndexError, KeyError, ValueError) as problem:
            said = f"{type(problem).__name__}: {problem}"
            raise NotYet(f"With {fitting} fitting entries your function stops: {said}") from None
    if all(given is None for given, _ in answers):
        raise NotYet(
            "Your function gives None for everybody. Is there a return? If so, it may find too many entries: an entry "
            "fits if all three columns are the same, not one of them."
        )
    for (given, fitting), (_, register, expected) in zip(answers, cases, strict=True):
        _judge_name(given, expected, fitting, register is double)
    return "One fitting entry is a claim, two are none. And the claim is wrong if the person is missing in the list."


def _judge_name(given, expected, fitting, double):
    """NotYet where ``given`` is not ``expected``. fitting: how many entries fit. double: they have one name."""
    if given is not None and not isinstance(given, str):
        raise NotYet(
            f"Give one name as text, or None. Yours is a {type(given).__name__}: take .item() of a column of one."
        )
    if given == "None":
        raise NotYet("You give the text 'None'. Give None itself, without quotes.")
    if given == expected:
        return
    if fitting > 1:
        why = "How would you know which it is?"
        if double:
            why = "Two entries with one name may be two people: count entries, not names."
        raise NotYet(f"{fitting} entries fit, and your function names {given}. {why}")
    if expected is None:
        raise NotYet(f"Nobody in the register fits, and your function names {given}.")
    if given is None:
        raise NotYet(
            f"Exactly one entry fits, {expected}, and your function gives None. It may find too many: compare all "
            "three columns, and ask that all of them are the same."
        )
    raise NotYet(f"The entry that fits is {expected}, but your function says {given}. Compare all three columns.")


@check
def check_share_exposed(share_exposed):
    """share_exposed: the student's function from classes and answers to a share of people."""
    random = np.random.default_rng(0)
    cases = [([0, 0, 0, 1, 1], "aaaab"), ([0, 0, 0, 0], "abab"), ([0, 0, 0, 0], "bbbb")]
    cases = [(np.array(classes), np.array(list(answers))) for classes, answers in cases]
    cases += [(random.integers(3, size=8), random.choice(["other", "Republican"], 8)) for _ in range(40)]
    for classes, answers in cases:
        given = number(answer_of(share_exposed, classes, answers))
        same = {c: len(set(answers[classes == c])) == 1 for c in np.unique(classes)}
        expected = np.mean([same[c] for c in classes])
        if close(given, expected, 1e-6):
            continue
        of_classes = np.mean(list(same.values()))
        hint = "That is the share of classes. Large and small classes hold different numbers of people."
        _known_slips(given, expected, len(classes), "exposed", {of_classes: hint})
        raise NotYet(
            f"For classes {classes.tolist()} and answers {answers.tolist()} it should give {expected:.3f}, "
            f"but gives {given:.3f}."
        )
    return "Nobody is alone, and still the class of these people gives their answer away."


@check
def check_decision(decide, present, absent):
    """decide: the student's function from the fits of all users to the place of the one to claim, or None.

    present, absent: Trials of reidentification, of people who are in a release and who are not.
    """
    of_present, of_absent = (np.array([_claimed(decide, fits) for fits in trial.fits]) for trial in (present, absent))
    false = float(np.mean(of_absent >= 0))
    found = float(np.mean(of_present == present.place))
    wrong = float(np.mean((of_present >= 0) & (of_present != present.place)))
    numbers = f"Of the absent {false:.1%} are named, of the present {found:.1%} rightly and {wrong:.1%} wrongly."
    if false == found == wrong == 0:
        raise NotYet(
            "You name nobody. Is there a return? If so: two of the eight films are wrong, so the target fits six, and "
            "never all eight."
        )
    if false > 0.999:
        raise NotYet(f"{numbers} You claim somebody for everybody. When is the best suspect not good enough?")
    if found == 0:
        raise NotYet(f"{numbers} Two of the eight films are wrong, so the target fits six, and never more.")
    if false > 0.1:
        raise NotYet(
            f"{numbers} At most 10 % of the absent may be. How many does the *second* best fit when a claim is wrong?"
        )
    if found < 0.35:
        raise NotYet(f"{numbers} At least 35 % of the present should be named rightly: ask for a little less.")
    return (
        f"{numbers} Silence has a price: right names. But a claim now means something, even if you do not know whether "
        "the person is in the data. To set such a rule one needs people who are not in it."
    )


def _claimed(decide, fits):
    """The place of the user whom a student's rule claims; -1 for none."""
    place = answer_of(decide, fits.copy(), may_be_none=True)
    if place is None:
        return -1
    if isinstance(place, (bool, np.bool_)):
        raise NotYet("Give the place of the user whom you claim, such as `fits.argmax()`, or None.")
    place = number(place)
    if place != int(place) or not 0 <= place < len(fits):
        raise NotYet(f"A place lies between 0 and {len(fits) - 1}, but you gave {place:g}.")
    return int(place)


@check
def check_two_questions(first, second, console):
    """first, second: the student's questions, dictionaries as Console.count takes them. console: a Console."""
    _check_question("first", first, console)
    _check_question("second", second, console)
    if "in_debt" not in first or "in_debt" not in second:
        raise NotYet("Your questions do not both ask about debt: their difference tells who she is, not what she owes.")
    if first["in_debt"] != second["in_debt"]:
        raise NotYet("One question asks about people in debt, the other about people who are not. Ask both the same.")
    one, other = (
        console.fits({name: value for name, value in question.items() if name != "in_debt"})
        for question in (first, second)
    )
    differ = one ^ other
    iona = console.fits({"zip": "00102", "sex": "woman", "born": "1981-04-09"})
    if not (differ & iona).any():
        raise NotYet("Iona is in both groups, or in neither. Their difference says nothing of her.")
    if (differ & ~iona).any():
        raise NotYet(f"The two groups differ by {int(np.sum(differ))} people. Make it one: Iona.")
    if first["in_debt"]:
        why = "Each is harmless, and together they say that Iona is in debt."
    else:
        why = "You asked who is *not* in debt: with Iona they are no more than without her, so she is in debt."
    counts = f"{console.count(first):,} and {console.count(second):,}"
    return f"The console answers {counts}. {why} No rule about one answer can see that."


def _check_question(name, question, console):
    """NotYet where a question is none, where its days are none, and where the console refuses it."""
    if not isinstance(question, dict):
        raise NotYet(f'`{name}` must be a dictionary, such as {{"zip": "00102"}}.')
    born = question.get("born", ())
    if isinstance(born, (list, set)):
        raise NotYet(f'`{name}`: a range stands in round brackets, such as ("1980-01-01", "1980-12-31").')
    days = born if isinstance(born, tuple) else (born,)
    if not all(isinstance(day, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days):
        raise NotYet(f'`{name}`: write days as year, month, day, such as "1981-04-09". You gave {born!r}.')
    if isinstance(born, tuple) and len(born) not in (0, 2):
        raise NotYet(f"`{name}`: a range has two days, the first and the last, but you gave {len(born)}.")
    if days and days[0] > days[-1]:
        raise NotYet(f"`{name}`: the range ends before it begins. First day first.")
    if console.count(question) is None:
        raise NotYet(f"The console refuses `{name}`: fewer than {console.minimum} people fit.")


@check
def check_mended_peak(estimate):
    """estimate: the student's function from queries and noisy answers to who said yes."""
    random = np.random.default_rng(0)
    said, secret = [], []
    for _ in range(12):
        truth = random.random(200) < 0.2
        queries = random.integers(0, 2, (200, 200)).astype(float)
        answers = queries @ truth + 0.25 * np.sqrt(200) * random.normal(size=200)
        given = np.asarray(answer_of(estimate, queries, answers))
        if given.shape != (200,):
            raise NotYet(f"For 200 people it should give 200 answers, but the shape is {given.shape}.")
        if not np.isin(given, (0, 1)).all():
            raise NotYet("Say True or False for each person: compare the numbers with 0.5.")
        said.append(given)
        secret.append(truth)
    share, guess = np.mean(np.equal(said, secret)), 1 - np.mean(secret)
    found = f"{share:.1%} of people are right, and saying no of everybody gets {guess:.1%}."
    if not np.any(said):
        raise NotYet(f"{found} You say no of everybody: that is the guess itself. The penalty may be far too large.")
    if share < 0.6:
        raise NotYet(f"{found} That is what least squares gives without a penalty.")
    if share < guess:
        raise NotYet(f"{found} Is the penalty large enough, and only on the diagonal?")
    if share < guess + 0.02:
        raise NotYet(f"{found} Beat the guess by 2 points at least. A penalty nearer to 12.5 / 0.16?")
    return f"{found} The noise was no protection at 200 questions: the attacker had only been clumsy."
