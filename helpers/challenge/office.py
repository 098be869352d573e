"""Challenge 5: counts that an office publishes, how exact they make the answers asked of it, and the attack on them.

Everybody lives in one of REGIONS regions and AGES age bands. A count is a row (first region, last region, first age
band, last age band, scale): how many in this rectangle are in debt, plus Laplace noise of that scale.
"""

import numpy as np

from .. import defences, inputs

REGIONS = AGES = 8
DRAWS = 40  # of the noise, over which an attack is averaged
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


def attacked(town, counts, random):
    """The attack of notebook 5 on published ``counts``: its AUC, the mean over 40 draws of the noise.

    town: DataFrame with region, age band and in debt (0 or 1), a row a person. counts: as in errors. random: a NumPy
    Generator. The attacker knows where everybody lives and their age bands, the noise's scales, and how many are in
    debt; see defences.expected_answers. Returns a number: 0.5 is a coin. Raises TypeError or ValueError as errors does.
    """
    from sklearn.metrics import roc_auc_score

    inputs.table("town", town, ["region", "age band", "in debt"])
    counts, (region, age, secret) = _counts(counts), (inputs.array(name, town[name], ("n",)) for name in town.columns)
    if not isinstance(random, np.random.Generator):
        raise TypeError(f"random must be np.random.default_rng(seed), but {inputs.described(random)} was given.")
    inside, scales, least = _inside(counts, region, age), counts[:, 4], counts[:, 4].min()
    weights, found = least / scales, []  # a count with twice the noise weighs half
    for _ in range(DRAWS):
        noisy = inside @ secret + random.laplace(scale=scales)
        expected = defences.expected_answers(inside * weights[:, None], noisy * weights, least, secret.mean())
        found.append(roc_auc_score(secret, expected.round(9)))
    return float(np.mean(found))


def every_cell(questions):
    """The baseline: a count for each of the 64 cells, all with the largest scale that keeps every question's error."""
    cells = np.column_stack([_REGION, _REGION, _AGE, _AGE, np.ones(len(_AGE))])
    return _loudest(as_question(questions), cells)


def _loudest(questions, counts):
    """``counts`` with all scales multiplied by the largest factor that keeps every question's error."""
    factor = (questions[:, 4] / errors(questions, counts)).min()
    return np.column_stack([counts[:, :4], counts[:, 4] * factor]) if factor > 0 else None


def best_counts(questions):
    """The best release that we know: only what was asked, or a part of it from which the rest follows.

    questions: as in errors, at most eight. Scales are as large as the questions allow. Of all parts it takes the one
    that tells least: the information in its counts about the cells, as if answers and noise were Gaussian.
    """
    questions, best, least = as_question(questions), None, np.inf
    if len(questions) > 8:
        raise ValueError(f"At most eight questions can be searched, but {len(questions)} were given.")
    alone = np.column_stack([questions[:, :4], questions[:, 4] / np.sqrt(2)])
    for part in range(1, 2 ** len(alone)):
        counts = _loudest(questions, alone[[part >> i & 1 == 1 for i in range(len(alone))]])
        if counts is None:
            continue
        inside = _inside(counts, _REGION, _AGE) / counts[:, 4:]
        _, cost = np.linalg.slogdet(np.eye(len(counts)) + 0.25 * inside @ inside.T)  # 2.5 people, a fifth in debt
        if cost < least:
            best, least = counts, cost
    return best
