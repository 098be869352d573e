"""The checks behind "Your turn": unfinished, right in every usual form, and plausibly wrong, each with its message."""

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import inversion
from helpers.inversion import exercises


def says(verdict, hint=None):
    """Right if there is no hint, else not yet, with the hint in its message."""
    assert verdict.right == (hint is None) and (hint or "") in verdict.message, verdict


@pytest.mark.parametrize("absurd", [None, "?", 7, [], {}, lambda: 1, np.nan, ..., np.array([1, 2]), pd.Series([1, 2])])
def test_absurd_answers_never_raise_and_get_a_sentence(absurd, small):
    given = {"trained": absurd, "untrained": absurd, "A": absurd, "B": absurd, "C": absurd, "noise": absurd}
    live = torch.ones(500, dtype=torch.bool)
    two = [{"trained": value, "untrained": value} for value in (small.model, live)]
    verdicts = [
        exercises.check_gap_closed(absurd),
        exercises.check_gap_closed(lambda error, baseline: absurd),
        exercises.check_ridge(lambda H, X, penalty: absurd),
        exercises.check_ridge(absurd),
        exercises.check_label_from_gradient(absurd),
        exercises.check_label_from_gradient(lambda gradient: absurd),
        exercises.check_reading_scores(absurd),
        exercises.check_reading_scores(given),
        exercises.check_live_share(absurd, *two, small.test_x[:5]),
        exercises.check_live_share(given, *two, small.test_x[:5]),
        exercises.check_auxiliary(absurd, {"noise": small.test_x[:5]}, small.model, small.test_x[:5]),
        exercises.check_auxiliary(given, {"noise": small.test_x[:5]}, small.model, small.test_x[:5]),
        exercises.check_not_redrawn(absurd, "strokes", small.model, small.letters_x[:9]),
        exercises.check_not_redrawn(stripes(), absurd, small.model, small.letters_x[:9]),
    ]
    allowed = absurd if callable(absurd) else None  # a function that takes no argument: Python's own words say so
    for verdict in verdicts:
        assert not verdict.right and repr(verdict).startswith("Not yet. ")
        assert allowed or "could not use" not in verdict.message, verdict


def named(error, baseline=0.2):
    return (baseline - error) / baseline


@pytest.mark.parametrize(
    "right",
    [named, lambda e, b: 1 - e / b, lambda x, y: (y - x) * y**-1, lambda e, b: round(1 - e / b, 4),
     lambda e, b: round(1 - e / b, 2), lambda e, b: np.float32(1 - e / b), lambda e, b: torch.tensor([1 - e / b]),
     lambda e, b: pd.Series([1 - e / b]), lambda e, b: np.array(b - e) / b, lambda e, b: -(e - b) / b],
)  # fmt: skip
def test_gap_closed(right):
    says(exercises.check_gap_closed(right))


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
        (lambda e, b: max(0, 1 - e / b), "it should give -0.5"),
        (lambda e, b: (b - e) / 0.27, "it should give"),
        (lambda e, b: 0.12, "it should give"),  # the gap of one case, by chance
        (lambda e, b: (1 - e / b, 1), "One number is needed"),
    ],
)
def test_wrong_gap_closed(wrong, hint):
    says(exercises.check_gap_closed(wrong), hint)


def with_ones(H):
    return torch.cat([H, torch.ones_like(H[:, :1])], dim=1)


def solved(A, X, added):
    return torch.linalg.solve(A.T @ A + added, A.T @ X)


def eye(H, type=torch.float32):
    return torch.eye(H.shape[1] + 1, dtype=type)


def spared(H):
    identity = eye(H)
    identity[-1, -1] = 0
    return identity


def in_numpy(H, X, penalty=1.0):
    A = np.hstack([H, np.ones((len(H), 1))])
    return np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ X.numpy())


def stacked(H, X, p):
    A = torch.cat([with_ones(H), p**0.5 * eye(H)])
    return torch.linalg.lstsq(A, torch.cat([X, torch.zeros(H.shape[1] + 1, X.shape[1])])).solution


def by_scikit_learn(H, X, p):
    from sklearn.linear_model import Ridge

    line = Ridge(alpha=p).fit(H.numpy(), X.numpy())
    return np.vstack([line.coef_.T, line.intercept_])


@pytest.mark.parametrize(
    "right",
    [lambda H, X, p: solved(with_ones(H), X, p * eye(H)),
     lambda H, X, p: solved(with_ones(H).double(), X.double(), p * eye(H, torch.float64)),
     lambda a, b, c=1.0: torch.linalg.inv(with_ones(a).T @ with_ones(a) + c * eye(a)) @ with_ones(a).T @ b,
     lambda H, X, p: torch.linalg.pinv(with_ones(H).T @ with_ones(H) + p * eye(H)) @ (with_ones(H).T @ X),
     lambda H, X, p: solved(with_ones(H), X, p * spared(H)), in_numpy, stacked, by_scikit_learn,
     lambda H, X, p: pd.DataFrame(in_numpy(H, X, p)),
     lambda H, X, p: in_numpy(H, X, p).astype(np.float32),
     lambda H, X, p: solved(with_ones(H), X, p * eye(H)).requires_grad_()],
)  # fmt: skip
def test_ridge(right):
    says(exercises.check_ridge(right))


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda H, X, p: solved(H, X, p * torch.eye(H.shape[1])), "column of ones"),
        (lambda H, X, p: solved(with_ones(H), X, 0 * eye(H)), "The penalty is not used"),
        (lambda H, X, p: torch.linalg.lstsq(with_ones(H), X).solution, "The penalty is not used"),
        (lambda H, X, p: solved(with_ones(H), X, p), "on the diagonal only"),
        (lambda H, X, p: solved(with_ones(H), X, eye(H)), "The penalty is 1"),
        (lambda H, X, p: solved(with_ones(H), X, p**2 * eye(H)), "The weights are off"),
        (lambda H, X, p: solved(with_ones(H), X, p * len(H) * eye(H)), "The weights are off"),
        (lambda H, X, p: solved(with_ones(H), X, -p * eye(H)), "The weights are off"),
        (lambda H, X, p: solved(with_ones(H), X, torch.eye(501)), "identity's size from A"),
        (lambda H, X, p: solved(with_ones(H), X, p * eye(H)).roll(1, 0), "last row"),
        (lambda H, X, p: solved(with_ones(H), X, p * eye(H)).T, "need shape"),
        (inversion.fit_ridge, "is the pack's"),
        (lambda H, X, p: inversion.fit_ridge(H, X, p), "is the pack's"),
        (lambda H, X, p: ..., "Replace the ..."),
    ],
)
def test_wrong_ridge(wrong, hint):
    says(exercises.check_ridge(wrong), hint)


@pytest.fixture(scope="module")
def auxiliary(small):
    """Candidates, and the errors of attackers that learned from them: on private digits and on their own."""
    torch.manual_seed(0)
    upright = small.letters_x[:1500]
    turned = upright.reshape(-1, 28, 28).transpose(1, 2).reshape(-1, 784)
    candidates = {"noise": torch.rand_like(upright) * 2 - 1, "letters": upright, "letters on their side": turned}
    private, own = {}, {}
    for name, pictures in candidates.items():
        weights = inversion.fit_ridge(small.model.sent(pictures), pictures)
        for errors, watched in ((private, small.test_x), (own, pictures)):
            redrawn = inversion.redraw_ridge(weights, small.model.sent(watched))
            errors[name] = inversion.mse(watched, redrawn).mean()
    return candidates, private, own


@pytest.fixture
def fitted_once(monkeypatch):
    """A line is fitted once for all answers of a test that need it: that is what takes long."""
    real, fitted = exercises.fit_ridge, {}

    def fit_once(activations, pictures, *rest, **options):
        key = pictures.data_ptr(), pictures.shape, activations.sum().item(), rest, tuple(options.items())
        if key not in fitted:
            fitted[key] = real(activations, pictures, *rest, **options)
        return fitted[key]

    monkeypatch.setattr(exercises, "fit_ridge", fit_once)


def test_auxiliary(small, auxiliary, fitted_once):
    candidates, private, own = auxiliary
    judge = lambda errors: exercises.check_auxiliary(errors, candidates, small.model, small.test_x)  # noqa: E731
    plain = {name: error.item() for name, error in private.items()}
    forms = [private, plain, pd.Series(plain), {name: round(error, 3) for name, error in plain.items()},
             {name: np.float32(error) for name, error in plain.items()},
             {name: error.double() for name, error in private.items()},
             {name: error[None] for name, error in private.items()}, plain | {"more": 1}]  # fmt: skip
    for form in forms:
        says(judge(form))
    upright, turned = plain["letters"], plain["letters on their side"]
    assert upright < turned
    for wrong, hint in (
        (own, "own pictures"),
        ({"noise": private["noise"]}, "no answer yet for: letters, letters on their side"),
        (plain | {"letters": torch.ones(9)}, "Take their mean"),
        (plain | {"letters": 0.5}, "The error for letters is off"),
        (plain | {"letters": ...}, "Replace the ..."),
        (plain | {"letters": turned, "letters on their side": upright}, "you have the error of letters on their side"),
        (plain | {"letters": turned}, "you have the error of letters on their side"),
        (plain | {"letters": float("nan")}, "finite"),
        (list(plain.values()), "Answer with a dict"),
    ):
        says(judge(wrong), hint)


def test_errors_in_the_wrong_order_are_refused_however_near(small, auxiliary, monkeypatch):
    candidates, private, _ = auxiliary
    pictures = candidates["letters"]
    turned = pictures + 1e-3 * torch.randn(pictures.shape, generator=torch.Generator().manual_seed(0))
    near = {"letters": pictures, "letters, nearly": turned.clamp(-1, 1)}
    errors = {}
    for name, some in near.items():
        redrawn = inversion.redraw_ridge(
            inversion.fit_ridge(small.model.sent(some), some), small.model.sent(small.test_x)
        )
        errors[name] = inversion.mse(small.test_x, redrawn).mean().item()
    judge = lambda errors: exercises.check_auxiliary(errors, near, small.model, small.test_x)  # noqa: E731
    says(judge(errors))
    says(judge(dict(zip(errors, reversed(errors.values()), strict=True))), "are as good as")
    says(judge(dict.fromkeys(errors, 0.0 + errors["letters"])), "are as good as")


def test_live_share(small):
    torch.manual_seed(0)
    clients = {"trained": small.model, "untrained": inversion.SplitNN()}
    speak = {name: client.sent(small.test_x) > 0 for name, client in clients.items()}
    live = {name: said.any(dim=0) for name, said in speak.items()}
    trained, fresh = (said[:, live[name]].float().mean().item() for name, said in speak.items())
    every = speak["trained"].float().mean().item()
    assert every < trained - 0.01
    judge = lambda a, b: exercises.check_live_share(  # noqa: E731
        {"trained": a, "untrained": b}, clients, live, small.test_x
    )
    for form in (float, torch.tensor, np.float64, np.float32, lambda s: round(s, 3), lambda s: round(s, 2),
                 lambda s: torch.tensor([s]), lambda s: pd.Series([s]), np.array):  # fmt: skip
        says(judge(form(trained), form(fresh)))
    series = pd.Series({"untrained": fresh, "trained": trained})
    says(exercises.check_live_share(series, clients, live, small.test_x))
    others = (small.model.sent(small.digits_x[:300])[:, live["trained"]] > 0).float().mean().item()
    for wrong, hint in (
        (judge(every, fresh), "Leave the dead ones out"),
        (judge(500 * every, fresh), "Divide it by the live ones"),
        (judge(1 - trained, 1 - fresh), "silent units"),
        (judge(100 * trained, 100 * fresh), "per cent"),
        (judge(fresh, trained), "share of the other client"),
        (judge(others, fresh), "Average over all of test_x"),
        (judge(trained, ...), "Replace the ..."),
        (judge(small.model.sent(small.test_x) > 0, fresh), "One number"),
    ):
        says(wrong, hint)


@pytest.mark.parametrize(
    "right",
    [lambda g: g.argmin(), lambda g: int((g < 0).nonzero()), lambda g: (g < 0).nonzero(), lambda g: g.abs().argmax(),
     lambda gradient, least=0: [i for i in range(10) if gradient[i] < least][0], lambda g: np.argmin(g.numpy()),
     lambda g: g.tolist().index(min(g.tolist())), lambda g: float(g.argmin()), lambda g: pd.Series(g).idxmin(),
     lambda g: (-g).argmax().reshape(1)],
)  # fmt: skip
def test_label_from_gradient(right):
    says(exercises.check_label_from_gradient(right))


def believed(g):
    return (g + torch.eye(10)[g.argmin()]).argmax()


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [(lambda g: g.argmax(), "The largest number"), (lambda g: 3, "The digit was"), (believed, "believes in"),
     (lambda g: g.argmin() + 0.4, "The digit was"), (lambda g: g.abs().argmin(), "The digit was"),
     (lambda g: g.min(), "The digit was"), (lambda g: g, "One number"), (lambda g: str(int(g.argmin())), "One number"),
     (lambda g: ..., "Replace the ...")],
)  # fmt: skip
def test_wrong_label_from_gradient(wrong, hint):
    says(exercises.check_label_from_gradient(wrong), hint)


RIGHT = {"A": "class", "B": "nothing", "C": "hand"}


def test_reading_scores():
    for right in (RIGHT, pd.Series(RIGHT), RIGHT | {"D": "?"}, {name: word.upper() for name, word in RIGHT.items()},
                  {name: f" {word} " for name, word in RIGHT.items()}, dict(reversed(RIGHT.items())),
                  {name: np.str_(word) for name, word in RIGHT.items()}, dict(list(RIGHT.items()))):  # fmt: skip
        says(exercises.check_reading_scores(right))
    for wrong, hint in (
        (RIGHT | {"A": "nothing"}, "how often is it read right"),
        (RIGHT | {"A": "hand"}, "lead back"),
        (RIGHT | {"C": "class"}, "leads back"),
        (RIGHT | {"C": "nothing"}, "C is read right"),
        (RIGHT | {"B": "class"}, "B is read right as seldom"),
        (RIGHT | {"B": "hand"}, "B leads back to its writer as seldom"),
        ({"A": "class", "B": "nothing"}, "no answer yet for: C"),
        (RIGHT | {"A": "klass"}, "for A"),
        (RIGHT | {"A": ...}, "Replace the ..."),
    ):
        says(exercises.check_reading_scores(wrong), hint)


def stripes():
    picture = torch.full((28, 28), -1.0)
    picture[4:24:2, 4:24] = 1
    return picture.flatten()


def moved(picture, by):
    square = torch.full((28, 28), -1.0)
    square[by:, by:] = picture.reshape(28, 28)[: 28 - by, : 28 - by]
    return square.flatten()


def test_a_picture_that_is_not_redrawn(small, fitted_once):
    letters = small.letters_x[:1000]
    check = lambda drawn, why: exercises.check_not_redrawn(drawn, why, small.model, letters)  # noqa: E731
    for form in (stripes(), stripes().numpy(), stripes().tolist(), stripes().reshape(28, 28), stripes()[None],
                 stripes().double(), stripes().half(), pd.Series(stripes()), stripes().requires_grad_()):  # fmt: skip
        says(check(form, "strokes"))
    far = next(far for far in (moved(digit, 8) for digit in small.test_x) if check(far, "place").right)
    for drawn, why, hint in [
        (stripes(), "place", "In the middle it is not redrawn either"),
        (far, "strokes", "Moved to the middle"),
        (small.test_x[0], "strokes", "The line redraws it"),
        (torch.full((784,), -1.0), "strokes", "next to no ink"),
        (stripes()[:700], "strokes", "784 numbers"),
        (stripes() * 255, "strokes", "between -1 (paper) and 1"),
        (stripes() * float("nan"), "strokes", "between -1 (paper) and 1"),
        (stripes(), "because", '"strokes" or "place"'),
        (..., "strokes", "Replace the ..."),
        (None, "strokes", "784 numbers"),
        (["x"] * 784, "strokes", "784 numbers"),
    ]:
        says(check(drawn, why), hint)


def test_noise_at_which_only_the_reader_reads(small, fitted_once):
    reader = inversion.fit_reader(small.digits_x, small.digits_y)
    picture = small.test_x[small.test_y == 0][0]

    def check(noise, digit, drawn=picture):
        return exercises.check_unreadable_noise(noise, digit, drawn, small.model, small.letters_x, reader)

    for noise, digit, drawn in [
        (1.5, 0, picture), (np.float32(1.5), torch.tensor(0), picture.numpy()), (torch.tensor(1.5), 0.0, picture[None]),
        (np.array([1.5]), np.int8(0), picture.double()), (1.5, 0, picture.tolist()),
        (pd.Series([1.5]), 0, picture.reshape(28, 28)), (3 / 2, 0, picture.half()),
        (1.5, 0, pd.Series(picture.numpy())),
    ]:  # fmt: skip
        says(check(noise, digit, drawn))
    for noise, digit, hint in [
        (0.25, 0, "Can you really not read it?"),
        (30, 0, "fewer than half"),
        (0, 0, "above 0"),
        (float("nan"), 0, "finite"),
        (1.5, 1, "The reader sees a 0"),
        (..., 0, "Replace the ..."),
        (None, 0, ""),
        ("1.5", 0, "One number"),
        ([1.5, 2], 0, "One number"),
    ]:
        says(check(noise, digit), hint)


def test_no_noise_is_right_for_the_digit_that_the_reader_sees_in_the_mean_letter(small):
    class Reader:  # sees an 8 in everything
        def predict(self, pictures):
            return np.full(len(pictures), 8)

    verdict = exercises.check_unreadable_noise(50, 8, stripes(), small.model, small.letters_x, Reader())
    says(verdict, "even the mean letter")


RIGHT_UNDOINGS = [
    lambda s: (s.clamp(1e-6, 1 - 1e-6) / (1 - s.clamp(1e-6, 1 - 1e-6))).log(),
    lambda s: torch.logit(s, eps=1e-6),
    lambda s: torch.special.logit(s.double(), eps=1e-9),
    lambda s: -(1 / s.clamp(1e-7, 1 - 1e-7) - 1).log(),
    lambda s: 2 * (2 * s - 1).clamp(-1 + 1e-7, 1 - 1e-7).atanh(),
    lambda s: torch.logit(s, eps=1e-6).numpy(),
    lambda s: torch.logit(s, eps=1e-6).requires_grad_(),
    lambda s: np.log(np.clip(s.numpy(), 1e-6, 1 - 1e-6) / (1 - np.clip(s.numpy(), 1e-6, 1 - 1e-6))),
    lambda s: torch.logit(s, eps=1e-6).tolist(),
]
WRONG_UNDOINGS = [
    (lambda s: torch.logit(1 - s, eps=1e-6), "sign is turned round"),
    (lambda s: s.clamp(max=1 - 1e-7).atanh(), "undoes a tanh"),
    (lambda s: s.clamp(min=1e-7).log(), "Divide s by 1 - s first"),
    (lambda s: s / (1 - s), "odds"),
    (lambda s: s.sigmoid(), "once more"),
    (lambda s: (s / (1 - s)).log(), "Clamp what was sent"),
    (lambda s: (s / (1 - s)).log().nan_to_num(), "Clamp what was sent"),
    (lambda s: torch.logit(s, eps=1e-9), "1 - 1e-8 is exactly 1"),
    (lambda s: torch.logit(s, eps=1e-6)[(None,) * (s.ndim == 1)], "For 0 and 1"),
    (lambda s: torch.logit(s, eps=1e-3), "You clamp too far in"),
    (lambda s: (2 * s - 1).clamp(-1 + 1e-7, 1 - 1e-7).atanh(), "Double it"),
    (lambda s: torch.logit(s.clamp(0.05, 0.95)), "8.000, but gives"),
    (lambda s: torch.logit(s.flatten(), eps=1e-6), "gives shape (33,)"),
    (lambda s: ..., "Replace the ..."),
    (lambda s: None, "is there a return?"),
    (lambda s: "x", "tensor of numbers"),
    (..., "Replace the ..."),
    (3, ""),
]


@pytest.mark.parametrize("undo", RIGHT_UNDOINGS)
def test_right_ways_to_undo_a_sigmoid(undo):
    says(exercises.check_undo_sigmoid(undo))


@pytest.mark.parametrize(("undo", "hint"), WRONG_UNDOINGS, ids=lambda some: some if isinstance(some, str) else "")
def test_wrong_ways_to_undo_a_sigmoid(undo, hint):
    says(exercises.check_undo_sigmoid(undo), hint)


def test_a_secret_curve_keeps_the_order():
    numbers = torch.linspace(-15, 15, 200)
    sent = exercises.secret_curve(numbers)
    assert (sent.diff() >= 0).all() and sent.abs().max() <= 1 and not torch.allclose(sent, numbers.tanh(), atol=0.1)


def test_a_secret_curve_stops_the_plain_line_and_a_line_after_atanh_but_not_ranks(small):
    torch.manual_seed(0)
    client = inversion.ConvSplitNN()
    inversion.train_classifier(client, small.digits_x, small.digits_y, epochs=3)
    own, sent = (
        exercises.secret_curve(client.sent(some, "before the tanh")) for some in (small.letters_x, small.test_x)
    )
    in_order = own[:400].flatten().sort().values

    def ranked(numbers):
        return torch.special.ndtri((torch.searchsorted(in_order, numbers.contiguous()) + 0.5) / (len(in_order) + 1))

    for undo, enough in (
        (lambda numbers: numbers, False),
        (lambda numbers: numbers.clamp(-1 + 1e-7, 1 - 1e-7).atanh(), False),
        (ranked, True),
    ):
        line = inversion.fit_ridge(undo(own), small.letters_x)
        redrawn = inversion.redraw_ridge(line, undo(sent))
        verdict = exercises.check_secret_curve(redrawn, small.test_x, small.test_y)
        assert verdict.right == enough, verdict


def test_copies_through_a_secret_curve(small):
    originals, labels = small.test_x[:200], small.test_y[:200]
    torch.manual_seed(0)
    good = (originals + 0.25 * torch.randn_like(originals)).clamp(-1, 1)
    bad = (originals + torch.randn_like(originals)).clamp(-1, 1)
    check = lambda redrawn: exercises.check_secret_curve(redrawn, originals, labels)  # noqa: E731
    for form in (good, good.double(), good.numpy(), good.tolist(), good.requires_grad_(), good.half(), 1.0 * good,
                 pd.DataFrame(good.detach().numpy())):  # fmt: skip
        says(check(form))
    for wrong, hint in [
        (originals, "Did you learn from test_x?"),
        (bad, "0.11 or less"),
        (small.letters_x[:200], "0.11 or less"),
        (good[:10], "(10, 784)"),
        (good.reshape(-1, 28, 28), "(200, 28, 28)"),
        (good * float("nan"), "not finite"),
        (..., "Replace the ..."),
        (None, ""),
        ("x", "a picture for each message"),
    ]:
        says(check(wrong), hint)
