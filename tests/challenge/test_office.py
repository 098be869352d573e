"""How exact counts make answers, and what the attack on them finds, against small cases done by hand."""

import numpy as np
import pandas as pd
import pytest

from helpers import challenge, defences
from helpers.challenge import office

LEFT, RIGHT, BOTH = [1, 4, 1, 8], [5, 8, 1, 8], [1, 8, 1, 8]


def test_errors_by_hand():
    ask = [[*LEFT, 1.0], [*BOTH, 1.0]]
    assert challenge.errors(ask, [[*LEFT, 1], [*RIGHT, 1]]) == pytest.approx([2**0.5, 2])  # variances add up
    assert challenge.errors(ask, [[*BOTH, 3], [*RIGHT, 4]]) == pytest.approx([50**0.5, 18**0.5])  # a difference
    assert challenge.errors(ask, [[*LEFT, 2]])[1] == np.inf
    assert challenge.errors(ask[:1], [[*LEFT, 1]] * 4) == pytest.approx([0.5 * 2**0.5])  # four draws average


@pytest.fixture
def town():
    random = np.random.default_rng(0)
    where = random.integers(1, 9, (2, 160))
    return pd.DataFrame({"region": where[0], "age band": where[1], "in debt": random.permutation([1] * 48 + [0] * 112)})


def test_as_asked_each_question_has_its_own_error():
    ask = [[*LEFT, 2.0], [*RIGHT, 5.0]]
    assert challenge.errors(ask, challenge.as_asked(ask)) == pytest.approx([2, 5])


def test_the_best_counts_leave_out_what_follows(town):
    ask = [[*LEFT, 1.0], [*RIGHT, 1.0], [*BOTH, 5.0]]
    assert office.best_counts(town, ask)[:, :4].tolist() == [LEFT, RIGHT]


def test_what_counts_tell_by_hand(town):
    one = pd.DataFrame({"region": [1, 8], "age band": [1, 1], "in debt": [0, 1]})  # a variance of 1/4 each
    assert challenge.told(one, [[*LEFT, 0.5]]) == pytest.approx((0.25 / (0.25 + 0.5) + 0) / 2)
    assert challenge.told(one, [[*LEFT, 0], [*RIGHT, 0]]) == pytest.approx(1, abs=1e-4)
    assert challenge.told(town, [[*BOTH, 0]]) == pytest.approx(1 / 160, abs=1e-4)
    assert challenge.told(town, [[*BOTH, 1e5]]) < 1e-6


def test_what_counts_tell_is_what_the_attack_of_the_lesson_explains(town):
    counts, random = (
        np.array([[*LEFT, 1.5], [1, 3, 1, 8, 1.5], [1, 1, 1, 4, 1.5], [5, 6, 2, 8, 1.5]]),
        np.random.default_rng(1),
    )
    where, explained = office._inside(counts, *town[["region", "age band"]].to_numpy().T), []
    for _ in range(2000):
        debts = random.random(160) < 0.3
        noisy = where @ debts + random.laplace(scale=1.5, size=4)
        expected = defences.expected_answers(where, noisy, 1.5, 0.3)
        explained.append(1 - ((debts - expected) ** 2).mean() / 0.21)
    assert np.mean(explained) == pytest.approx(challenge.told(town, counts), abs=0.004)


def test_the_order_of_counts_does_not_matter(town):
    counts = [[*LEFT, 1], [1, 2, 1, 2, 3], [*BOTH, 2]]
    assert challenge.told(town, counts) == challenge.told(town, counts[::-1])
