"""Challenge 5: counts that an office publishes, how exact they make the answers asked of it, and what they tell.

Everybody lives in one of REGIONS regions and AGES age bands. A count is a row (first region, last region, first age
band, last age band, scale): how many in this rectangle are in debt, plus Laplace noise of that scale.
"""

import numpy as np

from .. import inputs

REGIONS = AGES = 8
LEAST = 1e-3  # the least scale: no noise, as good as


def _counts(counts):
    """Counts in one form: a float array, shape (m, 5), sorted."""
    counts = inputs.array("counts", counts, ("m", 5), 0, 1e6)
    edges = counts[:, :4]
    ordered = (edges[:, 0] <= edges[:, 1]).all() and (edges[:, 2] <= edges[:, 3]).all()
    if (edges != edges.round()).any() or edges.min() < 1 or edges.max() > REGIONS or not ordered:
        raise ValueError(f"A count is (first region, last, first age band, last, scale), from 1 to {REGIONS} each.")
    if len(counts) > 200:
        raise ValueError(f"At most 200 counts can be published, but there are {len(counts)}.")
    counts = np.column_stack([edges, counts[:, 4].clip(LEAST)])
    return counts[np.lexsort(counts.T[::-1])]


def _inside(counts, region, age):
    """Zeros and ones, shape (counts, places): which of the places lie in each count's rectangle."""
    first, last, low, high = (counts[:, i, None] for i in range(4))
    return ((region >= first) & (region <= last) & (age >= low) & (age <= high)).astype(float)


_REGION, _AGE = (some.ravel() for some in np.mgrid[1 : REGIONS + 1, 1 : AGES + 1])


def as_question(questions):
    """Rows of "questions" (four columns of places, then the largest error): a float array, shape (n, 5)."""
    return inputs.array("questions", questions, ("n", 5), 1e-9, 1e6)


def errors(questions, counts):
    """How far off each question's answer is, as a standard deviation in people, when only ``counts`` are published.

    The reader combines the counts as well as can be (least squares, weighted by how exact they are). questions: the
    table or an array, shape (n, 5). counts: rows, shape (m, 5), m at most 200. Returns floats, shape (n,); infinite for
    a question that the counts do not answer. Raises TypeError or ValueError for other shapes and places.
    Source: C. Li, M. Hay, V. Rastogi, G. Miklau, A. McGregor, PODS 2010 (counts chosen for a workload).
    """
    questions, counts = as_question(questions), _counts(counts)
    asked, published = _inside(questions, _REGION, _AGE), _inside(counts, _REGION, _AGE)
    weighted = published / (np.sqrt(2) * counts[:, 4:])
    inverse = np.linalg.pinv(weighted, rcond=1e-9)
    answered = np.abs(asked @ inverse @ weighted - asked).max(axis=1) < 1e-6
    return np.where(answered, np.linalg.norm(asked @ inverse, axis=1), np.inf)


def told(town, counts):
    """How much published ``counts`` tell about who is in debt: from 0, nothing, to 1, all. The attack, worked out.

    The attacker knows where everybody lives and their age bands, the noise's scales, and what share is in debt, and
    expects of each person what the best straight line through the counts says, as defences.expected_answers does. This
    is the share of the variance of the debts that it explains, R², the mean over people. No noise is drawn for it.
    town: DataFrame with region, age band and in debt (0 or 1), a row a person. counts: as in errors. Raises TypeError
    or ValueError as errors does.
    """
    inputs.table("town", town, ["region", "age band", "in debt"])
    region, age, secret = (inputs.array(name, town[name], ("n",)) for name in ("region", "age band", "in debt"))
    counts, variance = _counts(counts), secret.mean() * (1 - secret.mean())
    inside = _inside(counts, region, age)
    published = variance * inside @ inside.T + np.diag(2 * counts[:, 4] ** 2)  # its variance: people and noise
    explained = variance * (inside * np.linalg.solve(published, inside)).sum(axis=0)
    return float(explained.mean())


def as_asked(questions):
    """The baseline: a count for each question, with all the noise that it allows for itself. Shape (n, 5)."""
    questions = as_question(questions)
    return np.column_stack([questions[:, :4], questions[:, 4] / np.sqrt(2)])


def _loudest(questions, counts):
    """``counts`` with all scales multiplied by the largest factor that keeps every question's error."""
    factor = (questions[:, 4] / errors(questions, counts)).min()
    return np.column_stack([counts[:, :4], counts[:, 4] * factor]) if factor > 0 else None


def best_counts(town, questions):
    """The best release that we know: only what was asked, or a part of it from which the rest follows.

    town: as in told. questions: as in errors, at most eight. Scales are in proportion to what the questions allow, and
    as large as they allow. Of all parts it takes the one that tells least.
    """
    questions = as_question(questions)
    if len(questions) > 8:
        raise ValueError(f"At most eight questions can be searched, but {len(questions)} were given.")
    alone = as_asked(questions)
    parts = (alone[[part >> i & 1 == 1 for i in range(len(alone))]] for part in range(1, 2 ** len(alone)))
    choices = [counts for part in parts if (counts := _loudest(questions, part)) is not None]
    return min(choices, key=lambda counts: told(town, counts))
