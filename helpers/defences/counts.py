"""Differential privacy for counts: noise with a budget."""

import math

import numpy as np

from .. import reidentification


def laplace_mechanism(counts, epsilon, sensitivity, random):
    """Counts with Laplace noise of scale sensitivity / epsilon: epsilon-differentially private, all of them together.

    counts: shape (m,). epsilon: the total for all counts, above 0.
    sensitivity: how much the counts can change when one person's answer changes: the sum of the absolute
    changes. For someone who stands in every count it is m. random: a NumPy Generator.
    Returns floats, shape (m,). Raises ValueError unless epsilon and sensitivity are finite and above 0.
    Not for a real release: whoever knows the seed subtracts the noise, and the last digits of ordinary
    floating-point noise leak. Use OpenDP.
    Source: C. Dwork, F. McSherry, K. Nissim, A. Smith, TCC 2006; I. Mironov, CCS 2012 (the digits).
    """
    for name, value in {"epsilon": epsilon, "sensitivity": sensitivity}.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be finite and above 0, but {value} was given.")
    counts = np.asarray(counts, dtype=float)
    return counts + random.laplace(scale=sensitivity / epsilon, size=counts.shape)


def strongest_belief(prior, epsilon):
    """The most that anyone can come to believe about one person's answer after an epsilon-private release.

    prior: their belief before, strictly between 0 and 1. epsilon: the total, at least 0.
    The odds, belief to disbelief, grow at most exp(epsilon) times. Returns a probability.
    Raises ValueError outside these ranges.
    """
    if not 0 < prior < 1:
        raise ValueError(f"The prior must lie strictly between 0 and 1, but {prior} was given.")
    if not epsilon >= 0:
        raise ValueError(f"epsilon must be at least 0, but {epsilon} was given.")
    # As prior / (prior + (1 - prior) exp(-epsilon)), which cannot overflow.
    return prior / (prior + (1 - prior) * math.exp(-epsilon))


def expected_answers(queries, answers, scale, prior=0.2):
    """What to expect of each person's answer, given noisy counts: the attack of notebook 2 that knows the noise.

    queries: shape (m, n), 1 where a person is in a group. answers: the noisy counts, shape (m,).
    scale: of their Laplace noise, at least 0. prior: the share of people who say yes, between 0 and 1.
    Least squares with a penalty, the noise's variance (2 · scale²) over an answer's (prior · (1 - prior)):
    the more noise, the nearer the result stays to the prior. It is the mean of the posterior if noise and
    answers were Gaussian. Returns floats, shape (n,). Raises ValueError for a scale or prior out of range.
    """
    if not (scale >= 0 and 0 < prior < 1):
        raise ValueError(f"The scale must be at least 0, the prior between 0 and 1, but got {scale} and {prior}.")
    penalty = max(2 * scale**2, 1e-6) / (prior * (1 - prior))
    return reidentification.penalised_least_squares(queries, answers, prior, penalty)


def noisy_counts_trial(secret, m, epsilon, seed):
    """Publish m counts about random halves of the people with a total epsilon, and attack them.

    secret: each person's answer, 0 or 1, shape (n,), of which about a fifth are 1. seed: of the groups and the noise.
    Returns a dict: "right", the share of people whose answer expected_answers gets right; "auc", the chance
    that it holds one who said yes for likelier than one who said no; "error", by how many people a count is
    off; "useless", by how many a fifth of the group is off, which needs no count.
    """
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(seed)
    queries = random.integers(0, 2, (m, len(secret))).astype(float)
    counts, sensitivity = queries @ secret, queries.sum(axis=0).max()
    noisy = laplace_mechanism(counts, epsilon, sensitivity, random)
    expected = expected_answers(queries, noisy, sensitivity / epsilon)
    return {
        "right": float(((expected > 0.5) == (np.asarray(secret) > 0)).mean()),
        "auc": float(roc_auc_score(secret, expected)),
        "error": float(np.abs(noisy - counts).mean()),
        "useless": float(np.abs(0.2 * queries.sum(axis=1) - counts).mean()),
    }


def laplace_auc(epsilon):
    """The AUC of whoever sees one count with Laplace noise and knows all answers in it but one.

    The chance that the count of somebody who said yes lies higher than that of somebody who said no, in
    groups that are otherwise the same: 0.5 for epsilon 0, a coin, and 1 without noise.
    epsilon: at least 0, else ValueError. It is the chance that the difference of two Laplace draws of scale
    1/epsilon lies below 1.
    """
    if not epsilon >= 0:
        raise ValueError(f"epsilon must be at least 0, but {epsilon} was given.")
    return 1 - math.exp(-epsilon) * (2 + epsilon) / 4
