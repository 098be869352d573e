"""The same pictures, activations and labels in other forms give the same results."""

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import inversion
from helpers.inversion import data, figures


@pytest.fixture(scope="module")
def some(small):
    """A few pictures of digits with their labels and of letters, and what the model sends for both."""
    x, y, own = small.test_x[:40], small.test_y[:40], small.letters_x[:300]
    return x, y, own, small.model.sent(x), small.model.sent(own), small.model


TYPES = {"double": torch.float64, "half": torch.float16, "bfloat16": torch.bfloat16}
# Half precision rounds pixels in their fourth digit.
NEAR = {"double": 1e-4, "half": 0.02, "bfloat16": 0.15}


@pytest.mark.parametrize("kind", TYPES)
def test_pictures_and_activations_of_any_precision(some, kind):
    x, y, own, sent, own_sent, model = some
    other, near = (lambda tensor: tensor.to(TYPES[kind])), NEAR[kind]
    prior = inversion.picture_prior(own)
    line, layer = inversion.fit_ridge(own_sent, own, penalty=10.0), model.first_part[0]
    pairs = {
        "logits": (model(x), model(other(x))),
        "sent": (sent, model.sent(other(x))),
        "line": (
            inversion.redraw_ridge(line, sent),
            inversion.redraw_ridge(inversion.fit_ridge(own_sent, other(own), penalty=10.0), other(sent)),
        ),
        "posterior": (inversion.redraw_posterior(sent, layer, *prior), inversion.redraw_posterior(
            sent, layer, *(other(part) for part in prior))),
        "on paper": (inversion.redraw_on_paper(sent, layer, *prior), inversion.redraw_on_paper(
            other(sent), layer, *prior)),
        "mse": (inversion.mse(x, -x), inversion.mse(x, other(-x))),
        "ssim": (inversion.ssim(x, -x), inversion.ssim(other(x), -x)),
        "attacker": (inversion.Attacker()(sent).abs().max() < 9, inversion.Attacker()(other(sent)).abs().max() < 9),
        "noise": (sent, inversion.with_noise(other(sent), 0)),
    }  # fmt: skip
    for name, (expected, given) in pairs.items():
        assert (expected.double() - given.double()).abs().mean() <= near * max(1, expected.double().abs().mean()), name
    assert inversion.accuracy(model, other(x), y) == pytest.approx(inversion.accuracy(model, x, y), abs=0.03)


def test_training_on_doubles_is_training_on_floats(some):
    x, y, own, _, own_sent, _ = some
    networks = []
    for pictures in (x, x.double()):
        torch.manual_seed(0)
        networks.append(inversion.SplitNN())
        inversion.train_classifier(networks[-1], pictures, y, epochs=1)
    assert torch.equal(networks[0].first_part[0].weight, networks[1].first_part[0].weight)
    for train in (inversion.lecture_attacker, inversion.quick_attacker):
        drawn = [train(*pair).redraw(own_sent[:3]) for pair in ((own_sent, own), (own_sent.double(), own.double()))]
        assert torch.allclose(*drawn, atol=1e-5)


def test_a_network_in_double_precision_takes_floats(some):
    x, *_, model = some
    double = inversion.SplitNN().double()
    double.load_state_dict(model.state_dict())
    assert double(x).dtype == torch.float64 and torch.allclose(double(x).float(), model(x), atol=1e-3)


LABELS = {
    "a list": lambda y: y.tolist(),
    "a tuple": lambda y: tuple(y.tolist()),
    "NumPy, 8 bit": lambda y: y.numpy().astype(np.uint8),
    "floats": lambda y: y.double(),
    "a Series, reversed index": lambda y: pd.Series(y.numpy(), index=range(len(y))[::-1], name="digit"),
    "a Series, one index": lambda y: pd.Series(y.numpy(), index=[7] * len(y)),
    "nullable integers": lambda y: pd.Series(y.numpy(), dtype="Int64"),
    "a Categorical": lambda y: pd.Series(pd.Categorical(y.tolist(), categories=list(range(9, -1, -1)))),
    "objects": lambda y: pd.Series(y.tolist(), dtype=object),
    "32-bit integers": lambda y: y.int(),
}


@pytest.mark.parametrize("form", LABELS.values(), ids=LABELS)
def test_labels_in_any_form(some, form):
    x, y, *_, model = some
    given = form(y)
    assert inversion.accuracy(model, x, given) == inversion.accuracy(model, x, y)
    assert (inversion.found_among_same_digit(x, x.flip(0), given)
            == inversion.found_among_same_digit(x, x.flip(0), y)).all()  # fmt: skip
    readers = [inversion.fit_reader(x, labels) for labels in (given, y)]
    assert torch.equal(*(inversion.read(reader, x) for reader in readers))
    tables = [inversion.score_table(x, {"mean": x.mean(0).expand_as(x)}, labels, readers[0]) for labels in (given, y)]
    assert tables[0].equals(tables[1])


def test_missing_labels_are_refused(some):
    x, *_, model = some
    for missing in (None, np.nan, pd.NA):
        with pytest.raises((TypeError, ValueError), match="labels"):
            inversion.accuracy(model, x, [missing] * len(x))


def test_one_picture_is_enough(some):
    x, y, own, sent, own_sent, model = some
    line = inversion.fit_ridge(own_sent, own)
    assert torch.allclose(inversion.redraw_ridge(line, sent[:1]), inversion.redraw_ridge(line, sent)[:1], atol=1e-4)
    assert inversion.mse(x[:1], x[:1]).tolist() == [0] and inversion.found_among_same_digit(x[:1], x[1:2], y[:1]).all()
    assert figures.handwriting({"it": x[:1]}, "One").alt == "One. Rows of 1 handwritten pictures: it."


def test_pixels_and_values_in_other_forms(some):
    x, _, _, sent, *_ = some
    pixels = data.digits().test.pixels[:4]
    assert (data.scale(torch.from_numpy(pixels)) == data.scale(pixels)).all()
    assert (data.scale(list(pixels)) == data.scale(pixels)).all()
    for form in (x[:4], x[:4].numpy(), x[:4].tolist(), x[:4].double()):
        assert (data.unscale(form) == pixels.reshape(4, 784)).all()
    shown = figures.activations(sent[0], "Sent").png
    for form in (
        sent[0].numpy(),
        sent[0].tolist(),
        pd.Series(sent[0].numpy(), index=range(500)[::-1]),
        sent[0].double(),
    ):
        assert figures.activations(form, "Sent").png == shown
    rows = figures.handwriting({"a": x[:4]}, "Them").png
    for form in (x[:4].numpy(), x[:4].reshape(4, 28, 28), list(x[:4].numpy()), x[:4].double()):
        assert figures.handwriting({"a": form}, "Them").png == rows


def test_numbers_of_other_types_are_equal(some):
    _, _, own, _, own_sent, _ = some
    expected = inversion.fit_ridge(own_sent, own, 2.0, 0.5)
    for two, half in ((2, 0.5), (np.int64(2), np.float32(0.5)), (torch.tensor(2), torch.tensor(0.5))):
        assert torch.equal(inversion.fit_ridge(own_sent, own, two, half), expected)
    assert (data.letters(np.int64(5)).pixels == data.letters(5.0).pixels).all()
