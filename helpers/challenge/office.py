"""Challenge 5: counts that an office publishes, how exact they make the answers asked of it, and their ε.

Everybody lives in one of REGIONS regions and AGES age bands. A count is a row (first region, last region, first age
band, last age band, scale): how many in this rectangle are in debt, plus Laplace noise of that scale.
"""

import itertools
import math

import numpy as np

from .. import inputs

REGIONS = AGES = 8
LEAST = 1e-3  # the least scale: no noise, as good as
SLACK = 1.01  # how many times as far off as allowed a question may be: scales are rounded


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


def epsilon(counts):
    """The ε of all published ``counts`` together: what the answer of one person can change, where it changes most.

    Each count that holds a person adds 1 / scale. counts: as in errors, which it raises like. Returns a float above 0.
    Source: C. Dwork, F. McSherry, K. Nissim, A. Smith, TCC 2006 (the Laplace mechanism).
    """
    counts = _counts(counts)
    return float((_inside(counts, _REGION, _AGE) / counts[:, 4:]).sum(axis=0).max())


def missed(questions, counts):
    """A sentence about the question that ``counts`` answer worst, if it is over 1 % further off than allowed; or "".

    questions, counts: as in errors, which it raises like.
    """
    off, allowed = errors(questions, counts), as_question(questions)[:, 4]
    worst = int((off / allowed).argmax())
    if math.isinf(off[worst]):
        return f"Question {worst + 1} cannot be answered from your counts."
    if off[worst] > SLACK * allowed[worst]:
        return f"Question {worst + 1} is {off[worst]:.3f} people off, and {allowed[worst]:g} are allowed."
    return ""


def as_asked(questions):
    """The baseline: a count for each question, with all the noise that it allows for itself. Shape (n, 5)."""
    questions = as_question(questions)
    return np.column_stack([questions[:, :4], questions[:, 4] / np.sqrt(2)])


def _loudest(questions, counts):
    """``counts`` with all scales multiplied by the largest factor that keeps every question's error."""
    factor = (questions[:, 4] / errors(questions, counts)).min()
    return np.column_stack([counts[:, :4], counts[:, 4] * factor]) if factor > 0 else None


def best_counts(questions):
    """The counts of the least ε that we find: shape (m, 5).

    questions: as in errors. Every rectangle between edges of the questions may be counted. Over the weights 1 / scale,
    ε is a largest sum, and a question's variance has a known slope. Sequential quadratic programming goes down to the
    lowest place near a start: all alike, the smallest pieces, and thirty with few counts that weigh much, by chance.
    Source: D. Kraft, A software package for sequential quadratic programming, 1988; computed by SciPy.
    """
    from scipy.optimize import LinearConstraint, NonlinearConstraint, minimize

    questions = as_question(questions)
    spans = []
    for first, last in (questions[:, :2].T, questions[:, 2:4].T):
        edges = np.unique([*first - 1, *last])
        spans.append([(low + 1, high) for low, high in itertools.combinations(edges, 2)])
    shapes = np.array([[*region, *age, 1.0] for region, age in itertools.product(*spans)])
    held = _inside(shapes, _REGION, _AGE)
    _, pieces = np.unique(held, axis=1, return_index=True)  # places that every rectangle treats alike
    held, asked = held[:, pieces], _inside(questions, _REGION, _AGE)[:, pieces]
    n, allowed = len(shapes), questions[:, 4] ** 2

    def solved(weights):
        known = (held.T * weights**2 / 2) @ held + 1e-9 * np.eye(len(pieces))
        return np.linalg.solve(known, asked.T)

    def variances(z):
        return (asked * solved(z[:n]).T).sum(axis=1) / allowed

    def slopes(z):
        return np.column_stack([-((held @ solved(z[:n])) ** 2).T * z[:n] / allowed[:, None], np.zeros(len(asked))])

    enough = NonlinearConstraint(variances, -np.inf, 1, jac=slopes)
    largest = LinearConstraint(np.column_stack([held.T, -np.ones(len(pieces))]), -np.inf, 0)
    random, choices = np.random.default_rng(0), [as_asked(questions)]
    smallest = np.where(held.sum(axis=1) == 1, 1.0, 1e-3)
    sparse = np.where(random.random((30, n)) < 0.5, 0.02, random.exponential(size=(30, n)))
    for start in (np.ones(n), smallest, *sparse):
        start = start * np.sqrt(variances(start).max())
        z = minimize(
            lambda z: z[n], [*start, (held.T @ start).max()], jac=lambda z: np.eye(n + 1)[n], method="SLSQP",
            bounds=[(1e-4, 1e3)] * (n + 1), constraints=[enough, largest], options={"maxiter": 300},
        ).x  # fmt: skip
        for weights in (start, z[:n]):
            choices.append(np.column_stack([shapes[:, :4], 1 / weights])[weights > 1e-3 * weights.max()])
    louder = [counts for choice in choices if (counts := _loudest(questions, choice)) is not None]
    return min(louder, key=epsilon)
