"""The checks behind "Your turn" of lesson 2."""

from ..verdict import NotYet, check, close, number


@check
def check_birthday(unique_share):
    """unique_share: the student's function from a list of ZIP code sizes to the share of people who are unique."""
    import math

    import numpy as np

    cells = 365 * 78 * 2
    for sizes in ([9_330], [1_000, 30_000], [2_000, 2_000, 60_000], [500, 9_000, 20_000, 90_000]):
        n = np.array(sizes, float)
        alone = np.exp(-n / cells)
        given = number(unique_share(list(sizes)))
        expected = float(np.average(alone, weights=n))
        if close(given, expected, 0.01):  # counting by throwing people into cells is an answer too
            continue
        named = f"For ZIP codes of {', '.join(f'{size:,}' for size in sizes)} people"
        if len(sizes) > 1 and close(given, float(alone.mean()), 0.01):
            raise NotYet(
                "You count each ZIP code once. But we ask about people, and more people live in the large ones."
            )
        if len(sizes) > 1 and close(given, float(np.exp(-n.mean() / cells)), 0.01):
            raise NotYet("You take the average size first. Most people live in a ZIP code above it.")
        if close(given, 1 - expected, 1e-3):
            raise NotYet("That is the share of people who are not unique.")
        if close(given, 100 * expected, 0.1):
            raise NotYet("That is in per cent. Give a share between 0 and 1.")
        if close(given, float((n * alone).sum()), 0.5):
            raise NotYet("That is a number of people. Divide by all people.")
        raise NotYet(f"{named} it should give {expected:.3f}, but gives {given:.3f}.")
    varied = [round(-9_330 * math.log(1 - (i + 0.5) / 200)) for i in range(200)]  # as an exponential distribution
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
    from .anonymity import group_sizes

    asked = ["state", "age", "sex", "degree", "race", "income"]
    if isinstance(columns, str) or sorted(columns) != sorted(asked):
        raise NotYet(f"`columns` was changed. Leave it as it was given: {', '.join(asked)}.")
    if len(sample) != round(0.1 * len(people)):
        raise NotYet(f"`sample` was changed: it should be 10 % of {len(people):,} people, not {len(sample):,}.")
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
    given = {"looks": number(looks), "are": number(are)}
    if close(given["looks"], expected["are"], 1e-4) and close(given["are"], expected["looks"], 1e-4):
        raise NotYet("The right two numbers, exchanged.")
    for name, value in given.items():
        if close(value, 100 * expected[name], 1e-2):
            raise NotYet(f"`{name}` is in per cent. Give a share between 0 and 1.")
        if value > 1 or value < 0:
            raise NotYet(f"`{name}` is {value:g}. A share lies between 0 and 1.")
        if close(value, expected[name], 1e-4):
            continue
        if any(close(value, other, 1e-4) for other in without[name]):
            raise NotYet(
                f"`{name}` leaves out people with a missing answer. Here a missing answer counts as an answer: take "
                "`reidentification.group_sizes`, or groupby with dropna=False."
            )
        if close(value, expected[name], 0.0051) and close(100 * value, round(100 * value), 1e-6):
            raise NotYet(f"`{name}` seems to be rounded. Give it as it was computed.")
    if not close(given["looks"], expected["looks"], 1e-4):
        raise NotYet("`looks` is off: in which share of the sample's rows is the group, within the sample, of size 1?")
    if not close(given["are"], expected["are"], 1e-4):
        if close(given["are"], alone_there.mean(), 1e-4):
            raise NotYet("That is out of everybody in the sample. Take those only who look unique.")
        if close(given["are"], (group_sizes(people, columns) == 1).mean(), 1e-4):
            raise NotYet("That is the share among all people. Take those of the sample only who look unique in it.")
        if close(given["are"], 1 - expected["are"], 1e-4):
            raise NotYet("That is the share of those who only look unique.")
        raise NotYet("`are` is off: of those who look unique, which share has a group of size 1 among all people?")
    return "A larger sample lies less, and still lies. And this file is itself a sample of a country."


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
            raise NotYet(f"With {fitting} fitting entries your function stops: {type(problem).__name__}: {problem}")
    if all(given is None for given, _ in answers):
        raise NotYet(
            "Your function gives None for everybody. Is there a return? If so, it may find too many entries: an entry "
            "fits if all three columns are the same, not one of them."
        )
    for (given, fitting), (_, register, expected) in zip(answers, cases, strict=True):
        if given is ...:
            raise NotYet("Replace the ... with your answer, then run this cell again.")
        if given is not None and not isinstance(given, str):
            raise NotYet(
                f"Give one name as text, or None. Yours is a {type(given).__name__}: take .item() of a column of one."
            )
        if given == "None":
            raise NotYet("You give the text 'None'. Give None itself, without quotes.")
        if given == expected:
            continue
        if register is double:
            raise NotYet(
                f"{fitting} entries fit, and your function names {given}. Two entries with one name may be two people: "
                "count entries, not names."
            )
        if expected is None and fitting > 1:
            raise NotYet(f"{fitting} entries fit, and your function names {given}. How would you know which it is?")
        if expected is None:
            raise NotYet(f"Nobody in the register fits, and your function names {given}.")
        if given is None:
            raise NotYet(
                f"Exactly one entry fits, {expected}, and your function gives None. It may find too many: compare all "
                "three columns, and ask that all of them are the same."
            )
        raise NotYet(f"The entry that fits is {expected}, but your function says {given}. Compare all three columns.")
    return "One fitting entry is a claim, two are none. And the claim is wrong if the person is missing in the list."


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
        given = number(share_exposed(classes, answers))
        of_people, of_classes = pieces(classes, answers)
        if close(given, of_people, 1e-6):
            continue
        if close(given, of_classes, 1e-6):
            raise NotYet("That is the share of classes. Large and small classes hold different numbers of people.")
        if close(given, 100 * of_people, 1e-4):
            raise NotYet("That is in per cent. Give a share between 0 and 1.")
        if close(given, 1 - of_people, 1e-6):
            raise NotYet("That is the share of people who are not exposed.")
        if close(given, len(classes) * of_people, 1e-6):
            raise NotYet("That is a number of people. Divide by all people.")
        raise NotYet(
            f"For classes {classes.tolist()} and answers {answers.tolist()} it should give {of_people:.3f}, "
            f"but gives {given:.3f}."
        )
    return "Nobody is alone, and still the class of these people gives their answer away."


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
                raise NotYet("Replace the ... with your answer, then run this cell again.")
            if place is not None:
                if isinstance(place, (bool, np.bool_)):
                    raise NotYet("Give the place of the user whom you claim, such as `fits.argmax()`, or None.")
                place = number(place)
                if place != int(place) or not 0 <= place < len(fits):
                    raise NotYet(f"A place lies between 0 and {len(fits) - 1}, but you gave {place:g}.")
            places.append(-2 if place is None else int(place))
        claims[name] = np.array(places)
    false = float(np.mean(claims["absent"] != -2))
    found = float(np.mean(claims["present"] == present.place))
    wrong = float(np.mean((claims["present"] != -2) & (claims["present"] != present.place)))
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


@check
def check_two_questions(first, second, console):
    """first, second: the student's questions, dictionaries as Console.count takes them. console: a Console."""
    import re

    import numpy as np

    for name, question in {"first": first, "second": second}.items():
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
    if "in_debt" not in first or "in_debt" not in second:
        raise NotYet("Your questions do not both ask about debt: their difference tells who she is, not what she owes.")
    if first["in_debt"] != second["in_debt"]:
        raise NotYet("One question asks about people in debt, the other about people who are not. Ask both the same.")

    def people(question):
        return console._fits({name: value for name, value in question.items() if name != "in_debt"})

    iona = console._fits({"zip": "00102", "sex": "woman", "born": "1981-04-09"})
    differ = people(first) ^ people(second)
    if not (differ & iona).any():
        raise NotYet("Iona is in both groups, or in neither. Their difference says nothing of her.")
    if (differ & ~iona).any():
        raise NotYet(f"The two groups differ by {int(np.sum(differ))} people. Make it one: Iona.")
    counts = [console.count(question) for question in (first, second)]
    if not first["in_debt"]:
        return (
            f"The console answers {counts[0]:,} and {counts[1]:,}. You asked about people who are *not* in debt, and "
            "with Iona they are no more than without her: so she is in debt. No rule about one answer can see that."
        )
    return (
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
            raise NotYet("Replace the ... with your answer, then run this cell again.")
        if given is None:
            raise NotYet("Your function gives nothing back: is there a return?")
        given = np.asarray(given)
        if given.shape != (200,):
            raise NotYet(f"For 200 people it should give 200 answers, but the shape is {given.shape}.")
        if not np.isin(given, (0, 1)).all():
            raise NotYet("Say True or False for each person: compare the numbers with 0.5.")
        shares.append(np.mean(given == truth))
        guesses.append(np.mean(~truth))
        nobody &= not given.any()
    share, guess = float(np.mean(shares)), float(np.mean(guesses))
    found = f"{share:.1%} of people are right, and saying no of everybody gets {guess:.1%}."
    if nobody:
        raise NotYet(f"{found} You say no of everybody: that is the guess itself. The penalty may be far too large.")
    if share < 0.6:
        raise NotYet(f"{found} That is what least squares gives without a penalty.")
    if share < guess:
        raise NotYet(f"{found} Is the penalty large enough, and only on the diagonal?")
    if share < guess + 0.02:
        raise NotYet(f"{found} Beat the guess by 2 points at least. A penalty nearer to 12.5 / 0.16?")
    return f"{found} The noise was no protection at 200 questions: the attacker had only been clumsy."
