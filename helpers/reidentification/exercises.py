"""The checks behind "Your turn" of lesson 2."""

import re

import numpy as np
import pandas as pd

from ..verdict import NotYet, answer_of, check, close, known_mistake, number
from .anonymity import group_sizes


def _judge_share(given, share, people, named, hints, off, tolerance=1e-4):
    """NotYet where ``given`` is not a share of people who are ``named``: of a known mistake, or that it is ``off``.

    hints: dict from what a mistake gives to its hint; a mistake counts as made where it is nearer than the truth.
    """
    slips = {
        100 * share: "That is in per cent. Give a share between 0 and 1.",
        1 - share: f"That is the share of people who are not {named}.",
        people * share: "That is a number of people. Divide by all people.",
    } | hints
    nearer = {wrong: hint for wrong, hint in slips.items() if abs(given - wrong) < abs(given - share)}
    known_mistake(given, nearer, tolerance=1e-4, relative=1e-3)
    if not close(given, share, tolerance):
        raise NotYet(off)


def _nothing(given):
    """Whether an answer is None, NaN or NA."""
    return np.isscalar(given) and given != given or given is None or given is pd.NA


@check
def check_birthday(unique_share):
    """unique_share: the student's function from a list of ZIP code sizes to the share of people who are unique."""
    cells = 365 * 78 * 2
    for sizes in ([9_330], [1_000, 30_000], [2_000, 2_000, 60_000], [500, 9_000, 20_000, 90_000]):
        n = np.array(sizes, float)
        alone = np.exp(-n / cells)
        hints = {
            alone.mean(): "You count each ZIP code once. But we ask about people: more of them live in the large ones.",
            np.exp(-n.mean() / cells): "You take the average size first. Most people live in a ZIP code above it.",
        }
        given, expected = number(answer_of(unique_share, list(sizes))), float(np.average(alone, weights=n))
        off = f"For ZIP codes of {sizes} people it should give {expected:.3f}, but gives {given:.3f}."
        # Counting by throwing people into cells is an answer too.
        _judge_share(given, expected, n.sum(), "unique", hints, off, tolerance=0.01)
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
    if isinstance(columns, str) or sorted(columns) != sorted(asked) or len(sample) != round(0.1 * len(people)):
        raise NotYet(f"`columns` or `sample` was changed. Leave them: 10 % of all people, and {', '.join(asked)}.")
    looks, are = number(looks), number(are)
    places = people.index.get_indexer(sample.index)
    here, everywhere = (group_sizes(table, columns) == 1 for table in (sample, people))
    # Who is alone if pandas' groupby leaves out everybody with a missing answer, as it does unless told.
    lone, lone_there = (
        table.groupby(columns, observed=True)["age"].transform("size").eq(1).to_numpy() for table in (sample, people)
    )
    there, lone_there, whole = everywhere[places], lone_there[places], sample[columns].notna().all(axis=1).to_numpy()
    should_look, should_be = here.mean(), there[here].mean()
    if close(looks, should_be, 1e-4) and close(are, should_look, 1e-4):
        raise NotYet("The right two numbers, exchanged.")
    missing = (
        "This leaves out people with a missing answer. Here a missing answer counts as an answer: take "
        "`reidentification.group_sizes`, or groupby with dropna=False."
    )
    only_look = dict.fromkeys([lone.mean(), lone[whole].mean()], missing) | {
        len(sample) * should_look: "That is a number of people. Divide by all people in the sample.",
        everywhere.mean(): "That is the share among all people. Count inside the sample.",
    }
    only_are = dict.fromkeys([lone_there[lone].mean(), lone_there[here].mean()], missing) | {
        here.sum() * should_be: "That is a number of people. Divide by those who look unique.",
        there.mean(): "That is out of everybody in the sample. Take those only who look unique.",
        everywhere.mean(): "That is the share among all people. Take those only who look unique in the sample.",
        1 - should_be: "That is the share of those who only look unique.",
    }
    for name, given, share, hints, question in (
        ("looks", looks, should_look, only_look, "in which share of the sample's rows is the group there of size 1?"),
        ("are", are, should_be, only_are, "of those who look unique, which share has a group of size 1 among all?"),
    ):
        try:  # rounded to two digits it is the same finding
            _judge_share(given, share, len(sample), "unique", hints, f"This is off: {question}", tolerance=0.0051)
        except NotYet as hint:
            raise NotYet(f"`{name}`: {hint}") from None
    return "A larger sample lies less, and still lies. And this file is itself a sample of a country."


@check
def check_name_of(name_of):
    """name_of: the student's function from a person and a register to a name or None."""
    people = pd.DataFrame(
        [("Ada Fernbeck", "00101", "woman", "1970-01-02"), ("Bel Larchmere", "00101", "woman", "1970-01-03"),
         ("Cora Otterfold", "00102", "woman", "1970-01-02"), ("Dorico Rushshaw", "00102", "woman", "1970-01-02"),
         ("Elas Goosegarth", "00101", "man", "1970-01-02")],
        columns=["name", "zip", "sex", "born"], dtype=object,
    )  # fmt: skip
    double = pd.concat([people, people[:1]], ignore_index=True)  # two entries with one name may be two people
    cases = [(0, people), (2, people), (4, people), (4, people[:4]), (2, people[:3]), (0, people[1:]),
             (0, people[::-1]), (0, double), (1, people.take([3, 4, 1, 0, 2]).reset_index(drop=True))]  # fmt: skip
    answers = []
    for row, register in cases:
        person = people.drop(columns="name").loc[row]
        fits = (register[["zip", "sex", "born"]] == person).all(axis=1)
        try:
            given = answer_of(name_of, person.copy(), register.copy(), may_be_none=True)
        except (IndexError, KeyError, ValueError) as problem:
            said = f"{type(problem).__name__}: {problem}"
            raise NotYet(f"With {fits.sum()} fitting entries your function stops: {said}") from None
        answers.append((None if _nothing(given) else given, person, register, register[fits]))
    if all(given is None for given, *_ in answers):
        fit = "it may find too many entries: one fits if all three columns are the same, not one of them"
        raise NotYet(f"Your function gives None for everybody. Is there a return? If so, {fit}.")
    for answer in answers:
        _judge_name(*answer)
    return "One fitting entry is a claim, two are none. And the claim is wrong if the person is missing in the list."


def _judge_name(given, person, register, fitting):
    """NotYet where ``given`` is not the name of the one fitting entry, or None where there is none or are several."""
    if given is not None and not isinstance(given, str):
        raise NotYet(f"Give one name as text, or None. Of a {type(given).__name__} of one, take .item().")
    if given in ("None", ""):
        raise NotYet(f"You give the text {given!r}. Give None itself, without quotes.")
    if len(fitting) != 1 and given is not None:
        two = "Two entries with one name may be two people: count entries, not names."
        why = "How would you know which it is?" if fitting["name"].is_unique else two
        why = f"{len(fitting)} entries fit. {why}" if len(fitting) else "Nobody in the register fits."
        raise NotYet(f"Your function names {given}. {why}")
    if len(fitting) != 1 or given == fitting["name"].item():
        return
    one = f"Exactly one entry fits, {fitting['name'].item()}, and your function"
    if given is None:
        raise NotYet(f"{one} gives None. It may find too many: all three columns must be the same.")
    others, label = register[register["name"] == given], fitting.index[0]
    if others.empty:
        raise NotYet(f"{one} names {given}, who is not in the register.")
    if label < len(register) and register["name"].iloc[label] == given:
        raise NotYet(f"{one} names {given}, who stands at place {label}. {label} is a label: loc in place of iloc.")
    amiss = ", ".join(column for column in person.index if others[column].iloc[0] != person[column])
    raise NotYet(f"{one} names {given}, who has another {amiss}.")


@check
def check_goes_along(goes_along):
    """goes_along: the student's function from classes and answers to a share of those whose classmates agree."""
    random = np.random.default_rng(0)
    cases = [([0, 0, 0, 1, 1, 1], "aaabba"), ([0, 0, 0, 1, 1], "aaaab"), ([0, 0, 0, 0], "bbbb")]
    cases = [(np.array(classes), np.array(list(answers))) for classes, answers in cases]
    twice = np.repeat([0, 1, 2], 2)  # so that nobody is alone in a class
    for _ in range(40):
        answers = random.choice(["other", "Republican"], 10, p=[0.8, 0.2])
        cases.append((random.permutation(np.append(twice, random.integers(3, size=4))), answers))
    for classes, answers in cases:
        places = np.arange(len(classes))
        others = [set(answers[(classes == classes[i]) & (places != i)]) for i in places]
        agree = np.array([len(said) == 1 for said in others])
        along = np.array([said == {answer} for said, answer in zip(others, answers, strict=True)])
        if not agree.any():
            continue
        given, expected = number(answer_of(goes_along, classes.copy(), answers.copy())), along.sum() / agree.sum()
        case = f"For classes {classes.tolist()} and answers {answers.tolist()}"
        hints = {
            along.mean(): "That is out of all people. Take those only whose classmates agree with each other.",
            agree.mean(): "That is the share whose classmates agree. Which part of these goes along?",
            1.0: "You look at the whole class: who is in a class that agrees, agrees. Leave her own row out first.",
            agree.sum() * expected: "That is a number of people. Divide by those whose classmates agree.",
        }
        off = f"{case} it should give {expected:.3f}, but gives {given:.3f}."
        _judge_share(given, expected, agree.sum(), "going along", hints, off)
    return "What the others' rows tell of her is inference. Only what is missing to certainty is told by her own."


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
    six = "Two of the eight films are wrong: the target fits six, and never more."
    if false == found == wrong == 0:
        raise NotYet(f"You name nobody. Is there a return? If so: {six}")
    if false > 0.999:
        raise NotYet(f"{numbers} You claim somebody for everybody. When is the best suspect not good enough?")
    if wrong > found or found == 0:
        worse = present.fits[np.arange(len(of_present)), of_present] < present.fits.max(axis=1)
        place = "Your rule claims, but mostly the wrong user: return a place in `fits`, such as `fits.argmax()`."
        raise NotYet(f"{numbers} {place if np.mean(worse & (of_present >= 0)) > wrong / 2 else six}")
    if false > 0.1:
        raise NotYet(f"{numbers} At most 10 % may be. How many does the *second* best fit when a claim is wrong?")
    if found < 0.35:
        raise NotYet(f"{numbers} At least 35 % of the present should be named rightly: ask for a little less.")
    return (
        f"{numbers} Silence has a price: right names. But a claim now means something, even if you do not know whether "
        "the person is in the data. To set such a rule one needs people who are not in it."
    )


def _claimed(decide, fits):
    """The place of the user whom a student's rule claims; -1 for none: None, NaN or NA."""
    place = answer_of(decide, fits.copy(), may_be_none=True)
    if _nothing(place):
        return -1
    claimed = number(place)
    if claimed != int(claimed) or not 0 <= claimed < len(fits):
        raise NotYet(f"A place lies between 0 and {len(fits) - 1}, but you gave {claimed:g}: `fits.argmax()` is one.")
    return int(claimed)


@check
def check_two_questions(first, second, console):
    """first, second: the student's questions, dictionaries as Console.count takes them. console: a Console."""
    _check_question("first", first, console)
    _check_question("second", second, console)
    debt, other_debt = first.get("in_debt"), second.get("in_debt")
    if not (debt in (True, False) and other_debt in (True, False)):
        raise NotYet("Your questions do not both ask about debt: their difference tells who she is, not what she owes.")
    if debt != other_debt:
        raise NotYet("One question asks about people in debt, the other about people who are not. Ask both the same.")
    one, other = (console.fits({**question, "in_debt": (False, True)}) for question in (first, second))
    iona = console.fits({"zip": "00102", "sex": "woman", "born": "1962-04-09"})
    if not ((one ^ other) & iona).any():
        raise NotYet("Iona is in both groups, or in neither. Their difference says nothing of her.")
    if (differ := np.count_nonzero(one ^ other)) > 1:
        raise NotYet(f"The two groups differ by {differ} people. Make it one: Iona.")
    why = "Each is harmless, and together they say that Iona is in debt."
    if not debt:
        why = "You asked who is *not* in debt: with Iona they are no more than without her, so she is in debt."
    counts = f"{console.count(first):,} and {console.count(second):,}"
    return f"The console answers {counts}. {why} No rule about one answer can see that."


def _check_question(name, question, console):
    """NotYet where a question is none, where its days are none, and where the console refuses it."""
    if not isinstance(question, dict):
        raise NotYet(f'`{name}` must be a dictionary, such as {{"zip": "00102"}}.')
    if lists := [value for value in question.values() if isinstance(value, list)]:
        raise NotYet(f"`{name}`: write the range in round brackets, (first, last). You gave {lists[0]!r}.")
    days = born if isinstance(born := question.get("born", ()), tuple) else (born,)
    if not all(isinstance(day, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days):
        raise NotYet(f'`{name}`: write days as year, month, day, such as "1962-04-09". You gave {born!r}.')
    if list(days) != sorted(days):
        raise NotYet(f"`{name}`: write the earlier day first. You gave {born!r}.")
    for column, value in question.items():
        try:
            somebody = console.fits({column: value}).any()
        except ValueError as problem:
            raise NotYet(f"`{name}`: {problem}") from None
        if not somebody:
            there = ", ".join(map(repr, [*console.values[column]][:8]))
            raise NotYet(f"`{name}`: nobody has {value!r} as {column}. There are such as {there}.")
    if console.count(question) is None:
        raise NotYet(f"The console refuses `{name}`: fewer than {console.minimum:g} people fit.")


@check
def check_mended_peak(estimate):
    """estimate: the student's function from queries and noisy answers to who said yes."""
    random = np.random.default_rng(0)
    said, secret, plain = [], [], []
    for _ in range(12):
        truth = random.random(200) < 0.2
        queries = random.integers(0, 2, (200, 200)).astype(float)
        answers = queries @ truth + 0.25 * np.sqrt(200) * random.normal(size=200)
        given = np.asarray(answer_of(estimate, queries.copy(), answers.copy()))
        if given.size != 200:
            raise NotYet(f"For 200 people it should give 200 answers, but the shape is {given.shape}.")
        if not np.isin(given, (0, 1)).all():
            raise NotYet("Say True or False for each person: compare the numbers with 0.5.")
        said.append(given.ravel().astype(bool))
        secret.append(truth)
        plain.append(np.linalg.solve(queries, answers) > 0.5)
    share, guess = np.mean(np.equal(said, secret)), 1 - np.mean(secret)
    found = f"{share:.1%} of people are right, and saying no of everybody gets {guess:.1%}."
    if not np.any(said):
        raise NotYet(f"{found} You say no of everybody: that is the guess itself. A penalty may be far too large.")
    if 1 - share > guess:
        raise NotYet(f"{found} Turn your answers round: you say True of those who are not in debt.")
    if np.mean(np.equal(said, plain)) > 0.99:
        raise NotYet(f"{found} These are the answers of least squares without a penalty.")
    if share < guess + 0.03:
        few = "If it is the hint's: did you add the 0.2 back? Does your solver fit an intercept (switch it off)?"
        yes = f"You say True of {np.mean(said):.1%}. Is your penalty too small or too large?"
        raise NotYet(f"{found} Beat the guess by 3 points at least. {yes} {few if np.mean(said) < 0.2 else ''}".strip())
    return f"{found} The noise was no protection at 200 questions: the attacker had only been clumsy."
