"""The checks behind "Your turn": unfinished, right in several forms, and plausibly wrong."""

import numpy as np
import pytest
import torch

from helpers import inversion
from helpers.inversion import exercises


def test_unfinished_answers_are_not_yet():
    for verdict in (
        exercises.check_wire_shape(...),
        exercises.check_wire_shape((32, ...)),
        exercises.check_gap_closed(lambda error, baseline: ...),
        exercises.check_ridge(lambda H, X, penalty: ...),
        exercises.check_auxiliary({"noise": ...}, {}, None, None),
        exercises.check_active_share({"trained": ..., "untrained": ...}, None, None, None),
        exercises.check_label_from_gradient(lambda gradient: ...),
        exercises.check_reading_scores({"A": ..., "B": "class", "C": "hand"}),
    ):
        assert not verdict.right and repr(verdict).startswith("Not yet. ")


@pytest.mark.parametrize("absurd", [None, "?", 7, [], {}, lambda: 1, np.nan])
def test_absurd_answers_never_raise(absurd):
    for check in (
        exercises.check_wire_shape,
        exercises.check_gap_closed,
        exercises.check_ridge,
        exercises.check_label_from_gradient,
        exercises.check_reading_scores,
    ):
        assert not check(absurd).right
    assert not exercises.check_active_share(absurd, None, None, None).right
    assert not exercises.check_auxiliary(absurd, {"noise": None}, None, None).right


@pytest.mark.parametrize("shape", [(32, 500), [32, 500], torch.Size([32, 500])])
def test_wire_shape(shape):
    assert exercises.check_wire_shape(shape).right


@pytest.mark.parametrize(
    ("shape", "hint"),
    [((500, 32), "wrong order"), ((32, 784), "stays on the phone"), ((32, 10), "Ten scores"), ((500,), "one box"),
     ((1, 500), "Two numbers"), (16000, "each dimension")],
)  # fmt: skip
def test_wrong_wire_shape(shape, hint):
    verdict = exercises.check_wire_shape(shape)
    assert not verdict.right and hint in verdict.message


def test_gap_closed():
    assert exercises.check_gap_closed(lambda error, baseline: (baseline - error) / baseline).right
    assert exercises.check_gap_closed(lambda e, b: 1 - e / b).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda e, b: e / b, "the share that is left"),
        (lambda e, b: b - e, "divide by the whole gap"),
        (lambda e, b: (b - e) / e, "divide by the error"),
        (lambda e, b: 100 * (b - e) / b, "per cent"),
        (lambda e, b: (e - b) / b, "sign"),
        (lambda e, b: None, "return"),
        (lambda e, b: ..., "Replace the ..."),
        (lambda e, b: max(0, 1 - e / b), "-0.5"),
        (lambda e, b: (b - e) / 0.27, "should give"),
    ],
)
def test_wrong_gap_closed(wrong, hint):
    verdict = exercises.check_gap_closed(wrong)
    assert not verdict.right and hint in verdict.message


def with_ones(H):
    return torch.cat([H, torch.ones_like(H[:, :1])], dim=1)


def solved(A, X, added):
    return torch.linalg.solve(A.T @ A + added, A.T @ X)


def test_ridge_in_single_and_double_precision():
    assert exercises.check_ridge(lambda H, X, p: solved(with_ones(H), X, p * torch.eye(H.shape[1] + 1))).right
    assert exercises.check_ridge(
        lambda H, X, p: solved(with_ones(H).double(), X.double(), p * torch.eye(H.shape[1] + 1).double())
    ).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda H, X, p: solved(H, X, p * torch.eye(H.shape[1])), "column of ones"),
        (lambda H, X, p: solved(with_ones(H), X, 0 * torch.eye(H.shape[1] + 1)), "penalty"),
        (lambda H, X, p: solved(with_ones(H), X, p), "diagonal"),
        (lambda H, X, p: solved(with_ones(H), X, torch.eye(501)), "identity's size from A"),
        (lambda H, X, p: solved(with_ones(H), X, p * torch.eye(H.shape[1] + 1)).roll(1, 0), "last row"),
    ],
)
def test_wrong_ridge(wrong, hint):
    verdict = exercises.check_ridge(wrong)
    assert not verdict.right and hint in verdict.message


@pytest.fixture(scope="module")
def auxiliary(small):
    """Candidates, and the errors of attackers that learned from them: on private digits and on their own."""
    torch.manual_seed(0)
    candidates = {"noise": torch.rand(1000, 784) * 2 - 1, "letters": small.letters_x[:1000]}
    private, own = {}, {}
    for name, pictures in candidates.items():
        weights = inversion.fit_ridge(small.model.sent(pictures), pictures)
        for errors, watched in ((private, small.test_x), (own, pictures)):
            redrawn = inversion.redraw_ridge(weights, small.model.sent(watched))
            errors[name] = inversion.mse(watched, redrawn).mean()
    return candidates, private, own


def test_auxiliary(small, auxiliary):
    candidates, private, own = auxiliary
    judge = lambda errors: exercises.check_auxiliary(errors, candidates, small.model, small.test_x)  # noqa: E731
    assert judge(private).right
    assert judge({name: error.item() for name, error in private.items()}).right
    for wrong, hint in ((own, "own pictures"), ({"noise": private["noise"]}, "no error yet for: letters"),
                        ({"noise": torch.ones(9), "letters": 0.1}, "Take their mean"),
                        ({"noise": 0.5, "letters": 0.1}, "is off")):  # fmt: skip
        verdict = judge(wrong)
        assert not verdict.right and hint in verdict.message


def test_active_share(small):
    torch.manual_seed(0)
    untrained = inversion.SplitNN()
    trained = (small.model.sent(small.test_x) > 0).float().mean().item()
    fresh = (untrained.sent(small.test_x) > 0).float().mean().item()
    judge = lambda a, b: exercises.check_active_share(  # noqa: E731
        {"trained": a, "untrained": b}, small.model, untrained, small.test_x
    )
    assert judge(trained, fresh).right and judge(torch.tensor(trained), np.float64(fresh)).right
    for wrong, hint in (
        (judge(500 * trained, 500 * fresh), "Divide by 500"),
        (judge(1 - trained, 1 - fresh), "silent units"),
        (judge(100 * trained, 100 * fresh), "per cent"),
        (judge(fresh, trained), "off"),
    ):
        assert not wrong.right and hint in wrong.message


def test_label_from_gradient():
    assert exercises.check_label_from_gradient(lambda g: g.argmin()).right
    assert exercises.check_label_from_gradient(lambda g: int((g < 0).nonzero())).right
    assert exercises.check_label_from_gradient(lambda g: g.abs().argmax()).right
    for wrong, hint in (
        (lambda g: g.argmax(), "signs"),
        (lambda g: 3, "The digit was"),
    ):
        verdict = exercises.check_label_from_gradient(wrong)
        assert not verdict.right and hint in verdict.message


def test_reading_scores():
    assert exercises.check_reading_scores({"A": "class", "B": "nothing", "C": "hand"}).right
    for wrong, hint in (
        ({"A": "nothing", "B": "nothing", "C": "hand"}, "how often is it read right"),
        ({"A": "hand", "B": "nothing", "C": "hand"}, "lead back"),
        ({"A": "class", "B": "nothing", "C": "class"}, "leads back"),
        ({"A": "class", "B": "class", "C": "hand"}, "B and C"),
        ({"A": "class", "B": "nothing"}, "for C"),
        ({"A": "Class", "B": "nothing", "C": "hand"}, "for A"),
    ):
        verdict = exercises.check_reading_scores(wrong)
        assert not verdict.right and hint in verdict.message


def stripes():
    picture = torch.full((28, 28), -1.0)
    picture[4:24:2, 4:24] = 1
    return picture.flatten()


def moved(picture, by):
    square = torch.full((28, 28), -1.0)
    square[by:, by:] = picture.reshape(28, 28)[: 28 - by, : 28 - by]
    return square.flatten()


def test_a_picture_that_is_not_redrawn(small):
    check = lambda drawn, why: exercises.check_not_redrawn(drawn, why, small.model, small.letters_x)  # noqa: E731
    for form in (stripes(), stripes().numpy(), stripes().tolist(), stripes().reshape(28, 28), stripes()[None]):
        assert check(form, "strokes").right
    far = next(far for far in (moved(digit, 8) for digit in small.test_x) if check(far, "place").right)
    wrong = [
        (stripes(), "place", "In the middle it is not redrawn either"),
        (far, "strokes", "Moved to the middle"),
        (small.test_x[0], "strokes", "The line redraws it"),
        (torch.full((784,), -1.0), "strokes", "next to no ink"),
        (stripes()[:700], "strokes", "784 numbers"),
        (stripes() * 255, "strokes", "between -1 (paper) and 1"),
        (stripes() * float("nan"), "strokes", "between -1 (paper) and 1"),
        (stripes(), "because", '"strokes" or "place"'),
        (..., "strokes", "Replace the ..."),
        (None, "strokes", "could not use"),
    ]
    for drawn, why, hint in wrong:
        verdict = check(drawn, why)
        assert not verdict.right and hint in verdict.message, (hint, verdict)


def test_noise_at_which_only_the_reader_reads(small):
    torch.manual_seed(0)
    reader = torch.nn.Sequential(torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    inversion.train_classifier(reader, small.digits_x, small.digits_y, epochs=8)
    picture = small.test_x[small.test_y == 0][0]

    def check(noise, digit, drawn=picture):
        return exercises.check_unreadable_noise(noise, digit, drawn, small.model, small.letters_x, reader)

    assert check(1.5, 0).right and check("1.5", torch.tensor(0), picture.numpy()).right
    for noise, digit, hint in [
        (0.25, 0, "Can you really not read it?"),
        (30, 0, "fewer than half"),
        (0, 0, "above 0"),
        (float("nan"), 0, "above 0"),
        (1.5, 1, "The reader sees a 0"),
        (..., 0, "Replace the ..."),
        (None, 0, "could not use"),
    ]:
        verdict = check(noise, digit)
        assert not verdict.right and hint in verdict.message, (hint, verdict)


def test_no_noise_is_right_for_the_digit_that_the_reader_sees_in_the_mean_letter(small):
    class Reader:  # sees an 8 in everything
        def __call__(self, pictures):
            return torch.eye(10)[[8] * len(pictures)]

    verdict = exercises.check_unreadable_noise(50, 8, stripes(), small.model, small.letters_x, Reader())
    assert not verdict.right and "even the mean letter" in verdict.message
