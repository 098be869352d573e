"""The lessons' attackers earn nearly all, a guesser nothing, and another student's answers nothing."""

import challenge_attackers
import numpy as np
import pytest

from helpers import challenge
from helpers.challenge import office, scores


def earned(source, answers):
    return [challenge.points(number, source, answers[str(number)]).points for number in challenge.NUMBERS]


def test_attackers_a_guesser_and_a_neighbour(two):
    attacked = np.mean([earned(some.source, some.attacked) for some in two], axis=0)
    assert attacked.mean() >= 0.95 and attacked.min() > 0.85
    assert max(max(earned(some.source, some.guessed)) for some in two) <= 0.02
    assert max(earned(two[0].source, two[1].attacked)) <= 0.05


@pytest.mark.slow
def test_fifty_students():
    attackers = [getattr(challenge_attackers, name) for name in ("column", "diary", "pictures", "texts", "counts")]
    key, gained, others = b"fifty students, the same key yet", [], []
    for student in range(50):
        source, before = challenge.Source(key, f"student {student}"), others[-1] if others else None
        made = {number: challenge.release(number, source) for number in challenge.NUMBERS}
        given = {n: attack(made[n]) for n, attack in zip(challenge.NUMBERS, attackers, strict=True)}
        others.append({str(n): scores.as_json(n, one)[0] for n, one in given.items()})
        gained.append(earned(source, others[-1]))
        if before and student <= 10:
            assert np.mean(earned(source, before)) <= 0.05
            assert np.mean(earned(source, {str(n): one for n, one in challenge_attackers.guess(made).items()})) <= 0.02
    print(np.round(np.mean(gained, axis=0), 3), np.round(np.min(gained, axis=0), 3))
    assert np.mean(gained, axis=0).min() >= 0.95


def test_a_weak_attack_earns_something(two):
    source, answers = two[0].source, two[0].attacked
    half = dict(list(answers["1"]["log"].items())[:20])
    whole = challenge.points(1, source, answers["1"]).points
    assert challenge.points(1, source, answers["1"] | {"log": half}).points == pytest.approx(whole - 1 / 6)
    assert challenge.points(1, source, {"log": answers["1"]["log"]}) == (1 / 3, "missing: column, letters")
    ninth = ["0000"] * 9 + answers["4"]["number"][:1]
    assert 0.2 < challenge.points(4, source, {"number": ninth}).points < 0.4


def test_letters_count_in_either_order(two):
    source, letters = two[0].source, two[0].attacked["1"]["letters"]
    assert challenge.points(1, source, {"letters": letters}) == challenge.points(1, source, {"letters": letters[::-1]})


def test_who_names_every_token_gains_nothing(two):
    many = [list(range(200, 500))] * 20
    assert challenge.points(4, two[0].source, {"tokens": many}).points == 0


def test_a_choice_that_loses_the_use_earns_nothing_and_says_why(two):
    choice = np.array(two[0].attacked["5"]["counts"])
    choice[:, 4] *= 1.1
    got = challenge.points(5, two[0].source, {"counts": choice})
    assert got.points == 0 and "are allowed" in got.reason


def test_a_release_without_a_choice_earns_nothing(two):
    for some in two:
        questions = some.made[5]["questions"]
        asked = challenge.as_asked(questions)
        places = np.mgrid[1:9, 1:9].reshape(2, -1).repeat(2, axis=0).T  # each cell of the map
        loud = office._loudest(challenge.as_question(questions), asked)
        for counts in (
            asked,
            asked * [1, 1, 1, 1, 1.0099],
            asked * [1, 1, 1, 1, 0],
            np.column_stack([places, np.ones(64) / 10]),
            loud,
        ):
            assert challenge.points(5, some.source, {"counts": counts}).points < 0.1


@pytest.mark.parametrize(
    ("number", "answers", "says"),
    [
        (1, [], "must be a dict"),
        (1, "seven", "must be a dict"),
        (1, {"colour": 1}, "there is no part 'colour'"),
        (1, {"column": ["asthma"]}, "must hold 2000 values, but 1"),
        (1, {"column": [["asthma"]] * 2000}, "must be a text"),
        (1, {"log": ["a"]}, "must be a dict from a digest"),
        (1, {"log": {"a": 1}}, "must be a text"),
        (1, {"log": {str(i): "" for i in range(10_001)}}, "holds 10,001: not a whole table"),
        (1, {"letters": ["one"]}, "must be two texts"),
        (2, {"diaries": [0.5] * 10}, "whole number"),
        (2, {"diaries": [10**400] * 10}, "whole number"),
        (2, {"debts": [float("nan")] * 100}, "missing or infinite"),
        (2, {"debts": [[0] * 100]}, "shape"),
        (3, {"pictures": np.zeros((64, 28, 28))}, "must have shape (64, 784)"),
        (3, {"pictures": np.full((64, 784), 255)}, "must lie from -1"),
        (3, {"pictures": np.full((64, 784), np.nan)}, "missing or infinite"),
        (4, {"tokens": [[0]] * 19}, "must be 20 lists"),
        (4, {"tokens": [[0] * 301] * 20}, "at most 300 tokens"),
        (4, {"tokens": [[32_000]] * 20}, "at most 31,999"),
        (4, {"tokens": [5] * 20}, "must be a list"),
        (4, {"number": 7605}, 'such as ["2709"], but 7605 was given'),
        (4, {"number": [f"{pin:04}" for pin in range(11)]}, "one to ten"),
        (5, {"counts": [[1, 1, 1, 1]]}, "must have shape"),
        (5, {"counts": [[2, 1, 1, 1, 1]]}, "first region, last"),
        (5, {"counts": [[1, 9, 1, 1, 1]]}, "first region, last"),
        (5, {"counts": [[1, 1, 1, 1, 1]] * 201}, "At most 200"),
        (5, {"counts": [[1, 1, 1, 1, 1]]}, "Question 1 cannot be answered from your counts"),
    ],
)
def test_an_answer_of_the_wrong_form_earns_nothing_and_says_why(two, number, answers, says):
    got = challenge.points(number, two[0].source, answers)
    assert got.points == 0 and says in got.reason


def test_usual_forms_are_taken(two):
    import torch

    source = two[0].source
    for number, part, form in [
        (1, "column", np.array), (2, "debts", lambda some: [bool(one) for one in some]), (2, "debts", torch.tensor),
        (2, "diaries", lambda some: np.array(some, float)), (3, "pictures", torch.tensor), (4, "number", tuple),
        (4, "tokens", lambda some: [np.array(one) for one in some]), (5, "counts", torch.tensor),
        (1, "letters", lambda some: [one.encode() for one in some]),
    ]:  # fmt: skip
        given = two[0].attacked[str(number)][part]
        expected = challenge.points(number, source, {part: given}).points
        got = challenge.points(number, source, {part: form(given)})
        assert got.points == pytest.approx(expected, abs=1e-5) and expected > 0.2, part


def test_the_seal_tells_students_and_keys_apart(two):
    assert two[0].made.seal == challenge.seal(two[0].source) != two[1].made.seal
    other = challenge.Source(bytes(32), two[0].source.name)
    assert challenge.seal(other) != two[0].made.seal
