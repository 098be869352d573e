"""How exact counts make answers, and what the attack on them finds, against small cases done by hand."""

import challenge_attackers
import numpy as np
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


def test_as_asked_each_question_has_its_own_error():
    ask = [[*LEFT, 2.0], [*RIGHT, 5.0]]
    assert challenge.errors(ask, challenge.as_asked(ask)) == pytest.approx([2, 5])


def test_epsilon_is_that_of_the_person_in_most_counts():
    counts = [[*LEFT, 2], [*RIGHT, 4], [1, 1, 1, 1, 10], [8, 8, 8, 8, 1]]
    assert challenge.epsilon(counts) == pytest.approx(1 / 4 + 1)  # the last place of the right half
    assert challenge.epsilon(counts[:3]) == pytest.approx(1 / 2 + 1 / 10)
    assert challenge.epsilon(counts[::-1]) == challenge.epsilon(counts)
    assert challenge.epsilon([[*BOTH, 2]] * 3) == pytest.approx(3 / 2)  # three draws of one count


def test_a_question_may_be_one_per_cent_off_and_no_more():
    ask = [[*LEFT, 2.0], [*RIGHT, 2.0]]
    exact = challenge.as_asked(ask)
    assert office.missed(ask, exact) == office.missed(ask, exact * [1, 1, 1, 1, 1.009]) == ""
    assert office.missed(ask, exact * [1, 1, 1, 1, 1.02]) == "Question 1 is 2.040 people off, and 2 are allowed."
    assert office.missed(ask, exact[:1]) == "Question 2 cannot be answered from your counts."


def test_the_best_counts_of_small_cases_are_those_done_by_hand():
    halves = [[*LEFT, 2.0], [*RIGHT, 2.0], [*BOTH, 9.0]]  # the whole follows from the halves, exactly enough
    assert challenge.epsilon(office.best_counts(halves)) == pytest.approx(2**0.5 / 2, rel=0.01)
    # One tight whole and loose halves, which could give it only with less noise: both are counted.
    whole = [[*LEFT, 20.0], [*RIGHT, 20.0], [*BOTH, 2.0]]
    assert challenge.epsilon(office.best_counts(whole)) < 0.95 * challenge.epsilon(challenge_attackers.pieces(whole))
    assert challenge.epsilon(office.best_counts(whole)) < challenge.epsilon(challenge.as_asked(whole))


def test_nobody_near_finds_better_counts():
    """Of twenty students: not who counts the pieces, not who changes some scales by chance."""
    share = []
    for student in range(20):
        source = challenge.Source(bytes(32), f"student {student}")
        questions = challenge.as_question(challenge.release(5, source)["questions"])
        best, random = office.best_counts(questions), np.random.default_rng(student)
        least, pieces = challenge.epsilon(best), challenge.epsilon(challenge_attackers.pieces(questions))
        asked = challenge.epsilon(challenge.as_asked(questions))
        assert office.missed(questions, best) == "" and least <= 1.0001 * pieces and least < 0.95 * asked
        share.append((asked - pieces) / (asked - least))
        for size in np.repeat([0.02, 0.1, 0.5], 20):
            tried = best * [1, 1, 1, 1, 0] + np.exp(size * random.normal(size=(len(best), 1))) * best * [0, 0, 0, 0, 1]
            assert challenge.epsilon(office._loudest(questions, tried)) > 0.995 * least
    assert 0.6 < np.mean(share) < 0.95 and np.min(share) < 0.5  # one recipe earns most, and not all
