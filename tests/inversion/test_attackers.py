"""The attackers against each other and against their baselines, and the scores."""

import numpy as np
import pytest
import torch

from helpers import inversion
from helpers.inversion import data


@pytest.fixture(scope="module")
def sent(small):
    return small.model.sent(small.test_x)


@pytest.fixture(scope="module")
def ridge(small):
    return inversion.fit_ridge(small.model.sent(small.letters_x), small.letters_x)


def error(small, redrawn):
    return inversion.mse(small.test_x, redrawn).mean().item()


def test_ridge_is_scikit_learns_ridge(small):
    from sklearn.linear_model import Ridge

    H = small.model.sent(small.letters_x).double()
    weights = inversion.fit_ridge(H.float(), small.letters_x, penalty=3.0)
    ones = torch.cat([H, torch.ones(len(H), 1)], dim=1).numpy()
    theirs = Ridge(alpha=3.0, fit_intercept=False).fit(ones, small.letters_x.double().numpy())
    assert np.abs(ones @ weights.numpy() - ones @ theirs.coef_.T).max() < 0.05
    assert np.abs(weights.numpy() - theirs.coef_.T).mean() < 1e-3


def test_ridge_in_chunks_is_ridge_at_once():
    random = torch.Generator().manual_seed(0)
    H, X = torch.rand(9000, 6, generator=random), torch.rand(9000, 784, generator=random)
    A = torch.cat([H, torch.ones(9000, 1)], dim=1).double()
    expected = torch.linalg.solve(A.T @ A + torch.eye(7), A.T @ X.double()).float()
    assert torch.allclose(inversion.fit_ridge(H, X), expected, atol=1e-3)


def test_ridge_from_pixels_is_ridge(small):
    pixels = data.letters(5000).pixels
    pictures = torch.from_numpy(data.scale(pixels))
    expected = inversion.fit_ridge(small.model.sent(pictures), pictures)
    drawn = [inversion.redraw_ridge(w, small.model.sent(small.test_x))
             for w in (expected, inversion.fit_ridge_from_pixels(small.model, pixels))]  # fmt: skip
    assert (drawn[0] - drawn[1]).abs().max() < 0.01
    with pytest.raises(ValueError, match="n at least 1"):
        inversion.fit_ridge_from_pixels(small.model, pixels[:0])


def test_ridge_beats_the_guess_and_the_lecture_network(small, sent, ridge):
    guess = error(small, small.digits_x.mean(0).expand_as(small.test_x))
    network = inversion.lecture_attacker(small.model.sent(small.letters_x), small.letters_x)
    line = error(small, inversion.redraw_ridge(ridge, sent))
    assert line < 0.6 * guess and line < error(small, network.redraw(sent))


def test_knowing_the_weights_beats_ridge(small, sent, ridge):
    prior = inversion.picture_prior(small.letters_x)
    known = inversion.redraw_posterior(sent, small.model.first_part[0], *prior)
    assert error(small, known) < 0.5 * error(small, inversion.redraw_ridge(ridge, sent))


def test_the_posterior_obeys_the_active_units(small, sent):
    layer = small.model.first_part[0]
    mean, covariance = inversion.picture_prior(small.letters_x)
    exact = inversion.redraw_posterior(sent[:5], layer, mean, covariance, noise=1e-6)
    # Clamping moves pictures a little off the equations: they hold nearly.
    off = (layer(exact) - sent[:5])[sent[:5] > 0].abs().mean()
    assert off < 0.1 * sent[:5][sent[:5] > 0].mean()


def test_with_all_units_silent_the_posterior_is_the_prior(small):
    mean, covariance = inversion.picture_prior(small.letters_x)
    redrawn = inversion.redraw_posterior(torch.zeros(2, 500), small.model.first_part[0], mean, covariance)
    assert torch.allclose(redrawn, mean.expand(2, 784).clamp(-1, 1))


@pytest.mark.parametrize("penalty", [0, -1.0, float("nan")])
def test_ridge_needs_a_penalty_above_zero(small, penalty):
    with pytest.raises(ValueError, match="above 0"):
        inversion.fit_ridge(small.model.sent(small.test_x), small.test_x, penalty)


def test_bad_input_is_named(small, sent, ridge):
    with pytest.raises(ValueError, match="300 pictures and 10 activations"):
        inversion.fit_ridge(sent[:10], small.test_x)
    with pytest.raises(ValueError, match=r"\(n, 500\)"):
        inversion.redraw_ridge(ridge, torch.zeros(3, 10))
    with pytest.raises(ValueError, match="NaN"):
        inversion.redraw_ridge(ridge, sent * float("nan"))
    with pytest.raises(ValueError, match="two pictures"):
        inversion.picture_prior(small.test_x[:1])
    with pytest.raises(ValueError, match="same shape"):
        inversion.mse(small.test_x, small.test_x[:3])
    with pytest.raises(ValueError, match=r"\(500, 784\) and \(3,\)"):
        inversion.pictures_from_gradient(torch.zeros(500, 784), torch.zeros(3))


def test_one_pictures_gradient_is_the_picture(small):
    gradients = inversion.first_layer_gradient(small.model, small.test_x[:1], small.test_y[:1])
    found = inversion.pictures_from_gradient(*gradients, tolerance=1e-4)
    assert any((picture - small.test_x[0]).abs().max() < 1e-4 for picture in found)


def test_small_batches_come_back_without_false_pictures(small):
    torch.manual_seed(0)
    model = inversion.SplitNN().double()
    batch = small.test_x[:8].double()
    gradients = inversion.first_layer_gradient(model, batch, small.test_y[:8])
    found = inversion.pictures_from_gradient(*gradients, tolerance=1e-9)
    nearest = torch.cdist(found, batch, p=float("inf")).min(dim=1)
    assert len(found) >= 5 and nearest.values.max() < 1e-6 and len(set(nearest.indices.tolist())) == len(found)


def test_a_gradient_of_zeros_gives_no_picture():
    assert inversion.pictures_from_gradient(torch.zeros(5, 784), torch.zeros(5)).shape == (0, 784)


def test_scores_of_a_perfect_copy_and_of_its_opposite(small):
    same = small.test_x[:20]
    assert inversion.mse(same, same).max() == 0 and inversion.ssim(same, same).min() > 0.999
    assert inversion.mse(-torch.ones(1, 784), torch.ones(1, 784)).item() == 4
    assert inversion.ssim(same, -same).max() < 0
    assert inversion.found_among_same_digit(same, same, small.test_y[:20]).all()


def test_ssim_is_scikit_images(small):
    from skimage.metrics import structural_similarity

    a, b = small.test_x[0] + 1, small.test_x[1] + 1
    expected = structural_similarity(a.reshape(28, 28).numpy(), b.reshape(28, 28).numpy(), data_range=2)
    assert inversion.ssim(small.test_x[:1], small.test_x[1:2]).item() == pytest.approx(expected, abs=1e-6)


def test_found_among_same_digit_ignores_other_digits(small):
    labels = small.test_y[:50]
    shifted = torch.stack([small.test_x[:50][labels == label].mean(0) for label in labels])
    found = inversion.found_among_same_digit(small.test_x[:50], shifted, labels)
    for digit in labels.unique():  # a class mean leads to one person of the class at most
        assert found[labels == digit].sum() <= 1


def test_the_reader_reads_digits_and_not_the_guess(small):
    reader = inversion.fit_reader(small.digits_x, small.digits_y)
    assert (inversion.read(reader, small.test_x) == small.test_y).float().mean() > 0.85
    mean = small.digits_x.mean(0).expand_as(small.test_x)
    assert (inversion.read(reader, mean) == small.test_y).float().mean() < 0.2


def test_the_score_table_has_a_row_an_attempt(small):
    reader = inversion.fit_reader(small.digits_x[:300], small.digits_y[:300])
    table = inversion.score_table(small.test_x, {"copy": small.test_x, "guess": small.test_x * 0}, small.test_y, reader)
    assert list(table.index) == ["copy", "guess"]
    assert table.loc["copy", "MSE"] == 0 and table.loc["copy", "found among same digit, %"] == 100
    assert table.loc["guess", "found among same digit, %"] < 10
