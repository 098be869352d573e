"""How exact counts make answers, and what the attack on them finds, against small cases done by hand."""

import numpy as np
import pandas as pd
import pytest

from helpers import challenge
from helpers.challenge import office

LEFT, RIGHT, BOTH = [1, 4, 1, 8], [5, 8, 1, 8], [1, 8, 1, 8]


def test_errors_by_hand():
    ask = [[*LEFT, 1.0], [*BOTH, 1.0]]
    assert challenge.errors(ask, [[*LEFT, 1], [*RIGHT, 1]]) == pytest.approx([2**0.5, 2])  # variances add up
    assert challenge.errors(ask, [[*BOTH, 3], [*RIGHT, 4]]) == pytest.approx([50**0.5, 18**0.5])  # a difference
    assert challenge.errors(ask, [[*LEFT, 2]])[1] == np.inf
    assert challenge.errors(ask[:1], [[*LEFT, 1]] * 4) == pytest.approx([0.5 * 2**0.5])  # four draws average


def test_every_cell_keeps_each_error_and_no_more():
    ask = [[1, 2, 1, 2, 2.0], [1, 4, 1, 4, 5.0]]
    cells = challenge.every_cell(ask)
    assert len(cells) == 64 and len(set(cells[:, 4])) == 1
    off = challenge.errors(ask, cells)
    assert (off / [2, 5]).max() == pytest.approx(1)


def test_the_best_counts_leave_out_what_follows():
    ask = [[*LEFT, 1.0], [*RIGHT, 1.0], [*BOTH, 5.0]]
    assert office.best_counts(ask)[:, :4].tolist() == [LEFT, RIGHT]


@pytest.fixture
def town():
    random = np.random.default_rng(0)
    where = random.integers(1, 9, (2, 160))
    return pd.DataFrame({"region": where[0], "age band": where[1], "in debt": random.permutation([1] * 48 + [0] * 112)})


def test_the_attack_reads_exact_cells_and_nothing_from_noise(town):
    cells = challenge.every_cell([[1, 1, 1, 1, 1.0]])
    auc = {scale: challenge.attacked(town, cells[:, :4].tolist() and np.column_stack([cells[:, :4], [scale] * 64]),
                                     np.random.default_rng(1)) for scale in (0, 1, 1000)}  # fmt: skip
    assert auc[0] > 0.85 > auc[1] > 0.6 and abs(auc[1000] - 0.5) < 0.02


def test_the_order_of_counts_does_not_matter(town):
    counts = [[*LEFT, 1], [1, 2, 1, 2, 3], [*BOTH, 2]]
    one, other = (challenge.attacked(town, some, np.random.default_rng(1)) for some in (counts, counts[::-1]))
    assert one == other
