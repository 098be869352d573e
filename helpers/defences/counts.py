"""Differential privacy for counts: noise with a budget."""

import math

import numpy as np

from .. import inputs, reidentification


def laplace_mechanism(counts, epsilon, sensitivity, random):
    """Counts with Laplace noise of scale sensitivity / epsilon: epsilon-differentially private, all of them together.

    counts: a list, a column or an array of numbers. epsilon: the total for all counts, above 0.
    sensitivity: how much the counts can change when one person's answer changes: the sum of the absolute
    changes. For someone who stands in every count it is m. random: a NumPy Generator.
    Returns floats in the counts' shape. Raises TypeError or ValueError for numbers that are missing or out of range.
    Not for a real release: whoever knows the seed subtracts the noise, and the last digits of ordinary
    floating-point noise leak. Use OpenDP.
    Source: C. Dwork, F. McSherry, K. Nissim, A. Smith, TCC 2006; I. Mironov, CCS 2012 (the digits).
    """
    counts = inputs.array("counts", counts, ("m",) * max(1, getattr(counts, "ndim", 1)))
    scale = inputs.real("sensitivity", sensitivity, above=0) / inputs.real("epsilon", epsilon, above=0)
    if not callable(getattr(random, "laplace", None)):
        raise TypeError(f"random must be a generator, as np.random.default_rng(0), not {inputs.described(random)}.")
    return counts + random.laplace(scale=scale, size=counts.shape)


def strongest_belief(prior, epsilon):
    """The most that anyone can come to believe about one person's answer after an epsilon-private release.

    prior: their belief before, strictly between 0 and 1. epsilon: the total, at least 0.
    The odds, belief to disbelief, grow at most exp(epsilon) times. Returns a probability, or raises TypeError or
    ValueError for what is no number or out of these ranges.
    """
    prior, epsilon = inputs.chance("prior", prior), inputs.real("epsilon", epsilon, 0)
    # As prior / (prior + (1 - prior) exp(-epsilon)), which cannot overflow.
    return prior / (prior + (1 - prior) * math.exp(-epsilon))


def expected_answers(queries, answers, scale, prior=0.2):
    """What to expect of each person's answer, given noisy counts: the attack of notebook 2 that knows the noise.

    queries: shape (m, n), 1 where a person is in a group. answers: the noisy counts, shape (m,).
    scale: of their Laplace noise, at least 0. prior: the share of people who say yes, between 0 and 1.
    Least squares with a penalty, the noise's variance (2 · scale²) over an answer's (prior · (1 - prior)):
    the more noise, the nearer the result stays to the prior. It is the mean of the posterior if noise and
    answers were Gaussian. Returns floats, shape (n,). Raises TypeError or ValueError for other shapes and ranges.
    """
    queries = inputs.array("queries", queries, ("m", "n"), 0, 1)
    answers = inputs.array("answers", answers, (len(queries),))
    scale, prior = inputs.real("scale", scale, 0, 1e100), inputs.chance("prior", prior)
    penalty = max(2 * scale**2, 1e-6) / (prior * (1 - prior))
    return reidentification.penalised_least_squares(queries, answers, prior, penalty)


def noisy_counts_trial(secret, m, epsilon, seed):
    """Publish m counts about random halves of the people with a total epsilon, and attack them.

    secret: each person's answer, 0 or 1, shape (n,), of which about a fifth are 1. seed: of the groups and the noise.
    Returns a dict: "right", the share of people whose answer expected_answers gets right; "auc", the chance
    that it holds one who said yes for likelier than one who said no; "error", by how many people a count is
    off; "useless", by how many a fifth of the group is off, which needs no count.
    Raises TypeError or ValueError unless there are both answers, at least one count and an epsilon above 0.
    """
    from sklearn.metrics import roc_auc_score

    secret = inputs.array("secret", secret, ("n",))
    if set(secret) != {0, 1}:
        raise ValueError(f"secret must hold zeros and ones, and both, but holds {sorted(set(secret))[:5]}.")
    random, m = np.random.default_rng(inputs.whole("seed", seed, 0)), inputs.whole("m", m, 1)
    queries = random.integers(0, 2, (m, len(secret))).astype(float)
    counts, sensitivity = queries @ secret, max(1.0, queries.sum(axis=0).max())
    noisy = laplace_mechanism(counts, epsilon, sensitivity, random)
    expected = expected_answers(queries, noisy, sensitivity / float(epsilon))
    return {
        "right": float(((expected > 0.5) == (secret > 0)).mean()),
        "auc": float(roc_auc_score(secret, expected)),
        "error": float(np.abs(noisy - counts).mean()),
        "useless": float(np.abs(0.2 * queries.sum(axis=1) - counts).mean()),
    }


def laplace_auc(epsilon):
    """The AUC of whoever sees one count with Laplace noise and knows all answers in it but one.

    The chance that the count of somebody who said yes lies higher than that of somebody who said no, in
    groups that are otherwise the same: 0.5 for epsilon 0, a coin, and 1 without noise.
    epsilon: at least 0. It is the chance that the difference of two Laplace draws of scale 1/epsilon lies below 1.
    """
    epsilon = inputs.real("epsilon", epsilon, 0)
    return 1 - math.exp(-epsilon) * (2 + epsilon) / 4
