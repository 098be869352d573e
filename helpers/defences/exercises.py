"""The checks behind "Your turn" of lesson 5."""

import math

import numpy as np

from ..verdict import NotYet, answer_of, check, close, known_mistake, number
from .counts import laplace_auc, strongest_belief
from .noise import ATTACKERS

_WAYS = ("plain hash", "keyed pseudonym", "deterministic", "order-preserving", "randomised", "filled up",
         "none of these")  # fmt: skip

_COLUMNS = {
    "archive": "The archive",
    "patient number": "Patient numbers",
    "counted by the cloud": "Counted by the cloud",
}

# What is wrong with each way to lock a column; a way that is not here is right.
_WRONG_WAYS = {
    "archive": {
        ("randomised",): "randomised cells differ, but their lengths do not lie. What else must be equal?",
        ("none of these",): "the clinic reads it as a whole, so no question must work. One of the six will do.",
        ("plain hash", "keyed pseudonym"): "the clinic must read it again. Nobody gets a text back from a hash.",
        ("deterministic", "order-preserving"): "nobody has to search it, so why pay with equal cells? "
        "Look at what {way!r} gives away.",
    },
    "patient number": {
        ("plain hash",): "there are few of them. Whoever hashes them all has a dictionary.",
        ("randomised", "filled up"): "two studies are to be joined, and no two of these cells are ever equal.",
        ("order-preserving",): "to join, they must be equal. Nobody asked for their order.",
        ("none of these",): "each occurs once in a study. What can be counted in such a column?",
    },
    "counted by the cloud": {
        ("randomised", "filled up"): "with {way!r} the cloud cannot count at all.",
        _WAYS[:4]: "with {way!r} the cloud counts, and so does the thief.",
    },
}


@check
def check_ways(ways):
    """ways: for each of the three columns the name of the student's way to lock it, or "none of these"."""
    missing = [column for column in _COLUMNS if column not in ways]
    if missing:
        raise NotYet(f"There is no answer yet for: {', '.join(missing)}.")
    chosen = {column: str(ways[column]).strip().lower() for column in _COLUMNS}
    for column, way in chosen.items():
        if way not in _WAYS:
            raise NotYet(f"{column}: {way!r} is not one of {', '.join(_WAYS)}.")
    for column, way in chosen.items():
        for wrong, hint in _WRONG_WAYS[column].items():
            if way in wrong:
                raise NotYet(f"{_COLUMNS[column]}: {hint.format(way=way)}")
    return (
        "A number that never repeats may be equal in two tables for those who hold the key. "
        "But what the cloud can count and read without the key, the thief counts too: publish noisy counts in its "
        "place. And fill the archive's empty cells up as well, or they show who has no diagnosis."
    )


@check
def check_private_counts(publish):
    """publish: the student's function of counts, a total ε and a NumPy generator. A person may be in every count."""
    for m, epsilon in ((1, 2.0), (10, 1.0), (40, 0.5)):
        counts = np.arange(100.0, 100 + m)
        answers = _many_releases(publish, counts, epsilon)
        noise = answers - counts
        if m > 1 and np.ptp(noise, axis=1).max() < 1e-9:
            raise NotYet("All counts of a release get the same noise. Their differences are then exact: draw for each.")
        if np.abs(noise).max() < 1e-9:
            raise NotYet("There is no noise in the answers.")
        if np.ptp(noise, axis=0).max() < 1e-9:
            raise NotYet("Every call gives the same noise: use the generator that you are given.")
        if not _is_laplace(noise.ravel(), m / epsilon):
            _raise_what_noise_it_is(answers, noise.ravel(), m, epsilon)
    return "However many counts there are, one person changes them by m in all: noise of scale m/ε covers it."


def _many_releases(publish, counts, epsilon):
    """What the student's function publishes, call after call: shape (calls, m). NotYet for another shape."""
    m, random = len(counts), np.random.default_rng(len(counts))
    first = answer_of(publish, counts, epsilon, random)
    if np.shape(first) != (m,):
        raise NotYet(f"For {m} counts it should give {m} numbers, but the shape is {np.shape(first)}.")
    return np.array([publish(counts, epsilon, random) for _ in range(max(4000 // m, 400))], float)


def _is_laplace(noise, scale):
    """Whether ``noise``, shape (n,), may be Laplace noise of that scale, or such noise rounded to whole numbers."""
    from scipy.stats import ks_2samp, kstest

    if kstest(noise, "laplace", args=(0, scale)).pvalue > 1e-4:
        return True
    drawn = np.random.default_rng(0).laplace(scale=scale, size=100_000).round()
    return bool((noise == noise.round()).all() and ks_2samp(noise, drawn).pvalue > 1e-4)


def _raise_what_noise_it_is(answers, noise, m, epsilon):
    """Raise NotYet with what is wrong with noise, shape (n,), that is not Laplace noise of scale m/ε."""
    from scipy.stats import kstest

    scale = m / epsilon
    if kstest(answers.ravel(), "laplace", args=(0, scale)).pvalue > 1e-4:
        raise NotYet("That is the noise alone. Add it to the counts.")
    if np.mean(answers == 0) > 0.01 and answers.min() == 0:
        raise NotYet(
            "You cut off below 0. That gives nothing away, but small counts come out too large on average: "
            "publish them as they are."
        )
    several = f"For {m} count{'s' if m > 1 else ''} and ε = {epsilon}"
    found = np.abs(noise).mean()  # of Laplace noise, this estimates the scale
    hints = {  # where two give the same number, the lower one is told: it is likelier
        epsilon / m: "that is ε over the number of counts: turn the fraction round.",
        m * epsilon: "you multiply by ε. A smaller ε must give more noise.",
        scale**2: "that is the square of it.",
        scale / 2: "that is half of what is needed, so the release costs twice its ε.",
        1 / epsilon: "that is ε for each count. One person is in all of them: split ε, or add up what they can change.",
    }
    begin = f"{several} the scale of your noise is about {found:.3g}"
    hints = {wrong: f"{begin}: {hint}" for wrong, hint in hints.items() if abs(wrong / scale - 1) > 0.2}
    known_mistake(found, hints, tolerance=0, relative=0.06)
    if abs(found / scale - 1) < 0.1 or abs(noise.std() / scale / 2**0.5 - 1) < 0.1:
        raise NotYet("The size of the noise is about right, but its shape is not Laplace's: random.laplace draws it.")
    raise NotYet(f"{several} the scale should be {scale:.3g}, but is about {found:.3g}.")


@check
def check_largest_epsilon(largest_epsilon):
    """largest_epsilon: the student's function from a prior under one half to an ε."""
    for prior in (0.2, 0.01, 0.45):
        given = number(answer_of(largest_epsilon, prior))
        expected = math.log((1 - prior) / prior)
        if close(given, expected, 1e-3 * expected):
            continue
        if close(given, expected, 0.02 * expected):
            raise NotYet(f"Nearly: for {prior} it is {expected:.4f}, not {given:.4f}. Do not round.")
        hints = {
            (1 - prior) / prior: "That is by how much the odds may grow. It is exp(ε): take the logarithm.",
            -expected: "The sign is turned round: odds of 1 are above the odds before.",
            math.log(0.5 / prior): "You let the belief grow exp(ε) times. It is the odds that do: belief to disbelief.",
            math.log10((1 - prior) / prior): "Take the natural logarithm: math.log.",
            math.log(1 / prior): "The odds of a belief p are p / (1 − p), not p.",
        }
        known_mistake(given, hints, tolerance=0, relative=1e-3)
        reached = 1 / (1 + (1 - prior) / prior * math.exp(-given)) if abs(given) < 700 else 1.0
        raise NotYet(
            f"From a belief of {prior:.0%}, ε = {given:.3g} leads to at most {reached:.1%}. It should be 50 %."
        )
    return (
        "The rarer the answer, the larger the ε at which nobody can be sure. But for an answer that half of all "
        "people give, every ε above 0 moves the belief past one half."
    )


@check
def check_noise_left(noise_left):
    """noise_left: the student's function from the scale of Laplace noise and a number of messages to a deviation."""
    for scale, messages in ((1.0, 1), (1.0, 16), (3.0, 4), (0.5, 100)):
        given = number(answer_of(noise_left, scale, messages))
        expected = (2 / messages) ** 0.5 * scale
        if close(given, expected, 1e-3 * expected):
            continue
        hints = {
            scale / messages**0.5: "The scale of Laplace noise is not its standard deviation: "
            "that is √2 times as large.",
            2**0.5 * scale / messages: "The variance of a mean falls as 1/n, so the deviation as 1/√n.",
            2 * scale**2 / messages: "That is the variance. Take its root.",
            (2 * scale / messages) ** 0.5: "The variance of Laplace noise is twice the *square* of its scale.",
            2**0.5 * scale: "That is the noise of one message. How many are averaged?",
            (2 * messages) ** 0.5 * scale: "That is the noise of the sum. The mean divides by the number of messages.",
        }
        known_mistake(given, hints, tolerance=0, relative=1e-3)
        if close(given, expected, 0.03 * expected):
            raise NotYet(
                f"Nearly: for scale {scale:g} and {messages} messages it is {expected:.5f}, not {given:.5f}. "
                "Compute it; drawing noise gives it only roughly."
            )
        raise NotYet(f"For scale {scale:g} and {messages} messages it should be {expected:.3g}, but is {given:.3g}.")
    return "Sixteen messages take away three quarters of the noise. A promise of noise needs a limit on messages."


@check
def check_choose_cell(choose, grid):
    """choose: the student's function from the grid to (when, noise, nopeek). grid: from defences.read_grid()."""
    # Another grid, shuffled and with the attackers' successes turned round, so that neither a cell learned by
    # heart passes, nor a place in the filtered table that is used in the whole one.
    harder = grid.sample(frac=1, random_state=1).reset_index(drop=True)
    for name in ATTACKERS:
        harder[f"{name}_found"] = 1 - harder[f"{name}_found"] * (1 + harder["noise"]) / 4
    for table in (grid, harder):
        given, found = _chosen_cell(choose, table), _strongest(table)
        if given == _best_cell(table, found):
            continue
        hints = {  # where two are the same cell, the lower one is told
            _best_cell(table, -found): "That is the cell where the attackers find most. Look for the smallest.",
            _best_cell(table, table[["dcor", "dcor_unbiased_sqr"]].min(axis=1)): "You trust a distance correlation. "
            "Ask what the attackers found.",
            _best_cell(table, table["informed_found"]): "That is best against one message. "
            "The attacker who averages sixteen is in the grid too.",
            _best_cell(table, found, least=0): "That cell protects most, but there the clinic reads under 85 % of the "
            "digits.",
            _best_cell(table, table["unaware_found"]): "That is best against the attacker who does not know of the "
            "noise. Take the strongest of three.",
        }
        if given in hints:
            raise NotYet(hints[given])
        which = "" if table is grid else "On another grid, with the same columns: "
        raise NotYet(
            f"{which}{given} is not the one. Per cell take the largest of the three, then the smallest of all cells."
        )
    best = grid.set_index(["when", "noise", "nopeek"]).loc[_best_cell(grid, _strongest(grid))]
    found = max(best[f"{name}_found"] for name in ATTACKERS)
    return (
        f"Even there the strongest of the three finds {found:.0%} of the pictures again, and the clinic "
        f"reads {best['accuracy']:.0%}. That is the best that this grid offers at this price. An attacker who takes "
        "the median, or matches candidates, finds more."
    )


def _chosen_cell(choose, table):
    """What the student's function gives for a grid, as (when, noise, nopeek). NotYet for anything else."""
    try:
        given = answer_of(choose, table)
    except (ValueError, IndexError) as problem:
        if "empty" not in str(problem):
            raise
        raise NotYet("No cell is left to choose from. Accuracy runs from 0 to 1, so 85 % is 0.85.") from None
    if getattr(given, "shape", None) == (3,):
        given = given.tolist()
    if not isinstance(given, (tuple, list)) or len(given) != 3 or not isinstance(given[0], str):
        raise NotYet('Give three values back: when, noise and nopeek, such as ("in training", 0.5, 0.1).')
    return given[0], float(given[1]), float(given[2])


def _best_cell(table, score, least=0.85):
    """The cell of the smallest score (one for each row) among those where the clinic reads at least ``least``."""
    row = table.loc[score[table["accuracy"] >= least].idxmin()]
    return row["when"], float(row["noise"]), float(row["nopeek"])


def _strongest(table):
    """What the strongest of the three attackers finds in each cell."""
    return table[[f"{name}_found" for name in ATTACKERS]].max(axis=1)


@check
def check_auc(auc):
    """auc: the student's function from members' and strangers' losses to the chance that a member's is below."""
    random = np.random.default_rng(0)
    members, strangers = random.exponential(size=60), 1.3 * random.exponential(size=45)
    cases = (
        ([0.1, 0.2], [0.3, 0.4], 1.0),
        ([0.1, 0.25, 0.35], [0.2, 0.3, 0.32], 5 / 9),
        (members, strangers, np.mean(members[:, None] < strangers[None, :])),
        ([1.0, 1.0, 2.0], [1.0, 3.0], 4 / 6),  # of six pairs three below and two equal
    )
    for first, second, expected in cases:
        given = number(answer_of(auc, np.array(first), np.array(second)))
        if close(given, expected):
            continue
        if close(given, 1 - expected):
            raise NotYet(
                "The wrong way round: members have the *smaller* losses, so it is their loss that must be below."
            )
        if close(given, 100 * expected, 1e-4):
            raise NotYet("That is in per cent. Give a chance from 0 to 1.")
        if set(first) & set(second):
            raise NotYet("Where the two losses are equal, count one half: the attacker tosses a coin.")
        if len(first) == len(second) and close(given, np.mean(np.array(first) < np.array(second))):
            raise NotYet("You compare the first with the first. Compare each member with each stranger.")
        raise NotYet(
            f"For members {first[:3]}… and strangers {second[:3]}… it should be {expected:.3g}, not {given:.3g}."
        )
    return "One half is a coin. This number says how well an attack sorts people, whatever threshold it takes."


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
        f"tells a yes from a no in {100 * laplace_auc(1):.0f} of 100 pairs, where a coin does in "
        f"{100 * laplace_auc(0):.0f}",
        "one table a year, ε = 1 each": "after two years ε is 2 in all, and a belief of 25 % may become "
        f"{100 * strongest_belief(0.25, 2):.0f} %",
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
        raise NotYet(f"There is no choice yet for: {', '.join(missing)}.")
    for name, choices in _CHOICES.items():
        if recommended[name] not in choices:
            raise NotYet(f"For {name} choose one of: {'; '.join(choices)}.")
    left = {name: f"{name}, {recommended[name]}: {_CHOICES[name][recommended[name]]}" for name in _CHOICES}
    over = [left[name] for name, choices in _CHOICES.items() if recommended[name] != next(iter(choices))]
    if over:
        raise NotYet(f"Over the clinic's limits. {'. '.join(over)}.")
    return f"It keeps to the limits. It still leaves open: {'. '.join(left.values())}. Say so to the clinic too."
