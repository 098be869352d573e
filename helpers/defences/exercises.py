"""The checks behind "Your turn" of *What helps*."""

import math
import re

import numpy as np

from ..verdict import NotYet, answer_of, check, known_mistake, number
from .counts import laplace_auc, strongest_belief
from .noise import ATTACKERS

_WAYS = ("plain hash", "keyed pseudonym", "deterministic", "order-preserving", "randomised", "filled up",
         "none of these")  # fmt: skip

# What is wrong with each way to lock a column; a way that is not here is right.
_WRONG_WAYS = {
    "archive": {
        ("randomised",): "randomised cells differ, but their lengths still tell. What else must be equal?",
        ("none of these",): "the clinic reads it as a whole, so no question must work. One of the six will do.",
        ("plain hash", "keyed pseudonym"): "the clinic must read it again. Nobody gets a text back from a hash.",
        ("deterministic", "order-preserving"): "nobody has to search it, so why pay with equal cells? "
        "Look at what {way!r} gives away.",
    },
    "patient number": {
        ("plain hash",): "there are few of them. Whoever hashes them all has a dictionary.",
        ("randomised", "filled up"): "the database joins them as they are locked, and no two of these cells are ever "
        "equal.",
        ("order-preserving",): "to join, the cells must be equal. Nobody asked for their order.",
        ("none of these",): "each occurs once in a study. What can be counted in such a column?",
    },
    "counted by the cloud": {
        ("randomised", "filled up"): "with {way!r} the cloud cannot count at all.",
        _WAYS[:4]: "with {way!r} the cloud counts, and so does the thief.",
    },
}


def _chosen(answers, allowed):
    """The choice from each list of texts in the dict ``allowed``, however it is written; None is "none of these"."""

    def plain(text):
        letters = re.sub(r"[\s_-]", "", str(text).lower())
        return "noneofthese" if letters in ("none", "nan", "<na>") else re.sub("(epsilon|eps|ϵ|e)=", "ε=", letters)

    if not hasattr(answers, "keys"):
        raise NotYet(f"A dict is needed, with a choice for each of: {', '.join(allowed)}.")
    if missing := [name for name in allowed if name not in answers]:
        raise NotYet(f"There is no choice yet for: {', '.join(missing)}.")
    chosen = {}
    for name, texts in allowed.items():
        if plain(answers[name]) not in map(plain, texts):
            raise NotYet(f"{name}: {answers[name]!r} is not one of: {'; '.join(texts)}.")
        [chosen[name]] = [text for text in texts if plain(text) == plain(answers[name])]
    return chosen


@check
def check_ways(ways):
    """ways: for each of the three columns the name of the student's way to lock it, or "none of these"."""
    for column, way in _chosen(ways, dict.fromkeys(_WRONG_WAYS, _WAYS)).items():
        for wrong, hint in _WRONG_WAYS[column].items():
            if way in wrong:
                raise NotYet(f"{column.capitalize()}: {hint.format(way=way)}")
    return (
        "A number that never repeats has no frequency, so its cells may be equal in two tables. "
        "But what the cloud can count without the key, the thief counts too: publish noisy counts in its place. "
        "And fill the archive's empty cells up as well, or they show who has no diagnosis."
    )


@check
def check_private_counts(publish):
    """publish: the student's function of counts, a total ε and a NumPy generator. A person may be in every count."""
    for m, epsilon in ((3, 1.25), (10, 1.0), (1, 2.0), (40, 0.5)):  # in the first, all known mistakes differ
        counts = np.arange(100.0, 100 + m)
        answers = _many_releases(publish, counts, epsilon)
        noise = answers - counts
        if np.abs(noise).max() < 1e-9:
            raise NotYet("There is no noise in the answers.")
        if np.ptp(noise, axis=0).max() < 1e-9:
            raise NotYet("Every call publishes the same: the noise of the generator that you are given must be in it.")
        if m > 1 and np.ptp(noise, axis=1).max() < 1e-9:
            raise NotYet("All counts of a release get the same noise. Their differences are then exact: draw for each.")
        if not _is_laplace(noise.ravel(), m / epsilon):
            _raise_what_noise_it_is(answers, noise.ravel(), m, epsilon)
    return "However many counts there are, one person changes them by m in all: noise of scale m/ε covers it."


def _many_releases(publish, counts, epsilon):
    """What the student's function publishes, call after call: shape (calls, m). NotYet for another shape."""
    m, random, answers = len(counts), np.random.default_rng(len(counts)), []
    for _ in range(max(20_000 // m, 400)):
        answer = answer_of(publish, counts.copy(), epsilon, random)  # a copy: it may be changed in place
        if np.shape(answer) != (m,):
            raise NotYet(f"For {m} count{'s' * (m > 1)} it should give {m}, but the shape is {np.shape(answer)}.")
        answers.append(np.asarray(answer, float))
    return np.array(answers)


def _is_laplace(noise, scale):
    """Whether ``noise``, shape (n,), may be Laplace noise of that scale, or such noise rounded up, down or off."""
    from scipy.stats import ks_2samp

    drawn, noise = np.random.default_rng(0).laplace(scale=scale, size=200_000), np.round(noise, 6)
    for rounded in (np.asarray, np.round, np.floor, np.ceil, lambda some: np.round(some, 1)):
        if np.array_equal(rounded(noise), noise):
            like = rounded(drawn)
            if abs(np.abs(noise).mean() / np.abs(like).mean() - 1) < 0.05 and ks_2samp(noise, like).pvalue > 1e-5:
                return True
    return False


def _raise_what_noise_it_is(answers, noise, m, epsilon):
    """Raise NotYet with what is wrong with noise, shape (n,), that is not Laplace noise of scale m/ε."""
    scale = m / epsilon
    if _is_laplace(answers.ravel(), scale):
        raise NotYet("That is the noise alone. Add it to the counts.")
    if np.mean(answers == 0) > 0.01 and answers.min() == 0:
        raise NotYet("You cut off below 0. Small counts then come out too large on average: publish what comes out.")
    several = f"For {m} count{'s' * (m > 1)} and ε = {epsilon} the scale of your noise"
    found, middle = np.abs(noise).mean(), float(noise.mean())  # of Laplace noise around 0, found estimates the scale
    around = [middle] * (abs(middle) > scale / 20) + [round(middle)] * (abs(middle) > 0.6)
    if any(_is_laplace(noise - centre, np.abs(noise - centre).mean()) for centre in around):
        raise NotYet("The noise is not centred on 0: leave out the first argument, and name scale and size.")
    if abs(found / scale - 1) < 0.05 or noise.std() < 1.33 * found:  # of Laplace noise √2, of Gaussian noise 1.25
        raise NotYet("The shape of the noise is not Laplace's: random.laplace draws it.")
    hints = {
        epsilon / m: "that is ε over the number of counts: turn the fraction round.",
        m * epsilon: "you multiply by ε. A smaller ε must give more noise.",
        scale**2: "that is the square of it.",
        scale / 2: "that is half of what is needed, so the release costs twice its ε.",
        1 / epsilon: "that is ε for each count. One person is in all of them: split ε, or add up what they can change.",
    }
    hints = {wrong: f"{several} is about {found:.3g}: {hint}" for wrong, hint in hints.items() if wrong != scale}
    known_mistake(found, hints, tolerance=0, relative=0.05)
    raise NotYet(f"{several} should be {scale:.3g}, but is about {found:.3g}.")


def _compare(function, words, cases, truth, mistakes):
    """Raise NotYet unless ``function`` gives what ``truth`` gives in each case, within a thousandth of it.

    words: a case in words, with a {} for each argument. mistakes: dict from a hint to the formula that it is about; it
    is told only if the formula gives what was given in each case so far.
    """
    given = []
    for case in cases:
        given.append(number(answer_of(function, *case)))
        expected = truth(*case)
        if math.isclose(given[-1], expected, rel_tol=1e-3):
            continue
        for hint, formula in mistakes.items():
            if np.allclose(given, [formula(*some) for some in cases[: len(given)]], rtol=1e-3, atol=0):
                raise NotYet(hint)
        near = " Nearly: give four digits or more." if math.isclose(given[-1], expected, rel_tol=0.03) else ""
        raise NotYet(f"For {words.format(*case)} it should be {expected:.5g}, but is {given[-1]:.5g}.{near}")


@check
def check_largest_epsilon(largest_epsilon):
    """largest_epsilon: the student's function from a prior under one half to an ε."""
    mistakes = {
        "That is by how much the odds may grow. It is exp(ε): take the logarithm.": lambda p: (1 - p) / p,
        "The sign is turned round: odds of 1 are above the odds before.": lambda p: math.log(p / (1 - p)),
        "It is the odds that grow exp(ε) times, and not the belief.": lambda p: math.log(0.5 / p),
        "Take the natural logarithm: math.log.": lambda p: math.log10((1 - p) / p),
        "Take the natural logarithm, math.log, and not that of base 2.": lambda p: math.log2((1 - p) / p),
        "The odds of a belief p are p / (1 − p), not p.": lambda p: math.log(1 / p),
    }
    cases = [(0.23,), (0.01,), (0.45,)]
    _compare(largest_epsilon, "a prior of {}", cases, lambda p: math.log((1 - p) / p), mistakes)
    return (
        "The rarer the answer, the larger the ε at which nobody can be sure. But for an answer that half of all "
        "people give, every ε above 0 moves the belief past one half."
    )


@check
def check_noise_left(noise_left):
    """noise_left: the student's function from the scale of Laplace noise and a number of messages to a deviation."""
    mistakes = {
        "The scale of Laplace noise is not its standard deviation: that is √2 times as large.": lambda b, n: b / n**0.5,
        "The variance of a mean falls as 1/n, so the deviation as 1/√n.": lambda b, n: 2**0.5 * b / n,
        "That is the variance. Take its root.": lambda b, n: 2 * b**2 / n,
        "The variance of Laplace noise is twice the *square* of its scale.": lambda b, n: (2 * b / n) ** 0.5,
        "The variance is 2·scale², so its root is √2·scale, not 2·scale.": lambda b, n: 2 * b / n**0.5,
        "That is the noise of one message. How many are averaged?": lambda b, n: 2**0.5 * b,
        "That is the noise of the sum. The mean divides by the number of messages.": lambda b, n: (2 * n) ** 0.5 * b,
    }
    cases = [(3.0, 5), (1.0, 1), (1.0, 16), (0.5, 100)]
    _compare(noise_left, "scale {} and {} messages", cases, lambda b, n: (2 / n) ** 0.5 * b, mistakes)
    return "Sixteen messages take away three quarters of the noise. A promise of noise needs a limit on messages."


_CELL, _ALLOWED = ["when", "noise", "nopeek"], "accuracy >= 0.85"


@check
def check_choose_cell(choose, grid):
    """choose: the student's function from the grid to (when, noise, nopeek). grid: from defences.read_grid()."""
    # Another grid, shuffled and with the attackers' successes turned round, so that neither a cell learned by
    # heart passes, nor a place in the filtered table that is used in the whole one.
    harder, found = grid.sample(frac=1, random_state=1).reset_index(drop=True), [f"{name}_found" for name in ATTACKERS]
    harder[found] = 1 - harder[found].mul((1 + harder["noise"]) / 4, axis=0)
    harder["accuracy"] = harder["accuracy"].mask(harder["accuracy"].between(0.85, 0.87), 0.85)  # just allowed
    # The best and the second best are after training, and where the unaware attacker finds least is a third.
    for noise, least, unaware in ((1.5, 0.72, 0.72), (1, 0.74, 0.74), (0.5, 0.9, 0.1)):
        here = (harder[_CELL] == ["after training", noise, 0.1]).all(axis=1)
        harder.loc[here, found] = [unaware, *[least] * (len(found) - 1)]
    tables = [table.assign(**{"most found": table[found].max(axis=1)}) for table in (grid, harder)]  # as on the page
    given = [_chosen_cell(choose, table.copy()) for table in tables]  # copies: they may be changed in place

    def best(score, sign=1, kept=_ALLOWED):
        cells = [table.query(kept).set_index(_CELL) for table in tables]
        return [(sign * some[score]).idxmin() for some in cells]

    mistakes = (
        ("most found", -1, _ALLOWED, "That is the cell where the attackers find most. Look for the smallest."),
        ("dcor", 1, _ALLOWED, "You trust a distance correlation. Ask what the attackers found."),
        ("dcor_unbiased_sqr", 1, _ALLOWED, "You trust a distance correlation. Ask what the attackers found."),
        ("informed_found", 1, _ALLOWED, "That is best against a line. There is an attacker who knows the weights."),
        ("white-box_found", 1, _ALLOWED, "That is best against one message. There is an attacker who has sixteen."),
        ("unaware_found", 1, _ALLOWED, "That is best against who does not know of the noise. Take the strongest."),
        ("most found", 1, "accuracy >= 0", "That cell protects most, but there the clinic reads under 85 %."),
        ("most found", 1, "accuracy > 0.85", "At least 85 %: a cell with an accuracy of exactly 0.85 counts too."),
        ("most found", 1, f"{_ALLOWED} and when == 'in training'", "Cells with noise after training count too."),
    )
    right, most = best("most found"), tables[0].query(_ALLOWED).set_index(_CELL)["most found"]
    if given != right:
        for score, sign, kept, hint in mistakes:
            if given == best(score, sign, kept):
                raise NotYet(hint)
    if given[1] != right[1] or given[0] not in most.index[most < most.min() + 0.02]:  # nearer is a tie
        wrong = given[0] if given[0] != right[0] else f"On another grid, with the same columns: {given[1]}"
        raise NotYet(f"{wrong} is not the one. Per cell take the largest of the four, then the smallest of all cells.")
    row = tables[0].set_index(_CELL).loc[given[0]]
    return (
        f"Even there the strongest of the four finds {row['most found']:.0%} of the pictures again, and the clinic "
        f"reads {row['accuracy']:.0%}. One seed made the table: with another, another cell may win. None of those "
        "allowed protects, and whoever matches candidates finds more."
    )


def _chosen_cell(choose, table):
    """What the student's function gives for a grid, as (when, noise, nopeek). NotYet for anything else."""
    try:
        given = answer_of(choose, table)
    except (ValueError, IndexError) as problem:
        if "empty" not in str(problem) and "out-of-bounds" not in str(problem):
            raise
        raise NotYet("No cell is left to choose from. Accuracy runs from 0 to 1, so 85 % is 0.85.") from None
    if isinstance(given, (int, np.integer)) and not isinstance(given, bool):
        raise NotYet("That is the row's number: use .loc with it, and give the row's when, noise and nopeek back.")
    given = given.iloc[0] if hasattr(given, "columns") and len(given) == 1 else given  # a table of one row
    if set(_CELL) <= set(getattr(given, "keys", tuple)()):
        given = [given[name] for name in _CELL]
    given = list(given.values()) if isinstance(given, dict) else given
    given = np.ravel(given).tolist() if getattr(given, "shape", None) in ((3,), (1, 3)) else given
    if not isinstance(given, (tuple, list)) or len(given) != 3 or not isinstance(given[0], str):
        raise NotYet('Give three values back: when, noise and nopeek, such as ("in training", 0.5, 0.1).')
    return given[0], float(given[1]), float(given[2])


@check
def check_auc(auc):
    """auc: the student's function from members' and strangers' losses to the chance that a member's is below."""

    def chance(members, strangers, equal=0.5):
        return np.mean((members[:, None] < strangers) + equal * (members[:, None] == strangers))

    mistakes = {
        "The wrong way round: members have the *smaller* losses.": lambda m, s: 1 - chance(m, s),
        "That is in per cent. Give a chance from 0 to 1.": lambda m, s: 100 * chance(m, s),
        "Equal losses count one half: the attacker tosses a coin.": lambda m, s: chance(m, s, 0),
        "Equal losses count one half, and not one.": lambda m, s: chance(m, s, 1),
        "Compare each member with each stranger, not only with one.": lambda m, s: np.mean(m[: len(s)] < s[: len(m)]),
    }

    cases = [  # in the first, each known mistake gives another number; in the second, two of six pairs are equal
        (np.array([0.1, 0.6, 0.3, 0.8]), np.array([0.2, 0.7, 0.9, 0.4])),
        (np.array([1.0, 1.0, 2.0]), np.array([1.0, 3.0])),
        (np.array([0.9, 0.1, 0.4, 1.3, 0.2]), np.array([1.1, 0.3, 2.0, 0.6, 0.7, 1.9, 0.05])),
    ]
    _compare(auc, "members {} and strangers {}", cases, chance, mistakes)
    return "One half is a coin. This number says how well an attack sorts people, whatever threshold it takes."


# What each choice of check_recommendation leaves open; the first of each list keeps to the clinic's limits.
_CHOICES = {
    "cloud": {
        "filled up": "whose row has a diagnosis at all can still be seen, who watches queries learns from them, and "
        "where ages can be read, they help to guess",
        "randomised": "the length of a cell tells most diagnoses",
        "deterministic": "equal cells are counted, and lengths are read too",
        "keyed pseudonym": "equal cells are counted, and the key does not bring a diagnosis back",
    },
    "counts": {
        "one table, ε = 1 in all": "what is true of a group stays true of her, and whoever knows all others still "
        f"tells a yes from a no in {100 * laplace_auc(1):.0f} of 100 pairs, where a coin does in "
        f"{100 * laplace_auc(0):.0f}",
        "one table a year, ε = 1 each": "after two years ε is 2 in all, and a belief of 25 % may become "
        f"{100 * strongest_belief(0.25, 2):.0f} %",
        "ε = 1 for each question": "a thousand questions cost an ε of 1,000: noise that is fresh is averaged away",
        "none under 100": "two questions that are both allowed may differ by one person, and so give her answer away",
    },
    "forms": {
        "read on the phone": "the digits themselves, which are the purpose, and whoever takes the phone",
        "noise 2 in training": "whoever sees sixteen messages finds most pictures again, and whoever holds the "
        "candidates needs one message",
        "NoPeek 1": "the squared correlation halves and nearly every picture is found",
        "DP-SGD": "it protects those whose digits trained the network, and what is sent gives away no less than before",
    },
}


@check
def check_recommendation(recommended):
    """recommended: the student's choice for "cloud", "counts" and "forms", each one of its list."""
    chosen = _chosen(recommended, _CHOICES)
    left = {name: f"{name}, {chosen[name]}: {_CHOICES[name][chosen[name]]}" for name in _CHOICES}
    over = [left[name] for name, choices in _CHOICES.items() if chosen[name] != next(iter(choices))]
    if over:
        raise NotYet(f"Over the clinic's limits. {'. '.join(over)}.")
    return f"It keeps to the limits. It still leaves open: {'. '.join(left.values())}. Say so to the clinic too."
