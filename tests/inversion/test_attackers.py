"""The attackers against each other and against their baselines, and how they are trained."""

import copy
import math

import numpy as np
import pytest
import torch
from laplace import fits_laplace
from small_network import stop_after

from helpers import inversion
from helpers.inversion import pad as pad_module
from helpers.inversion import splitnn


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
    exact = inversion.redraw_posterior(sent[:5], layer, mean, covariance)
    # Clamping moves pictures a little off the equations: they hold nearly.
    off = (layer(exact) - sent[:5])[sent[:5] > 0].abs().mean()
    assert off < 0.1 * sent[:5][sent[:5] > 0].mean()


def test_knowing_that_paper_is_blank_cuts_the_error_again(small, sent):
    layer, prior = small.model.first_part[0], inversion.picture_prior(small.letters_x)
    first, last = (
        inversion.mse(small.test_x[:60], redraw(sent[:60], layer, *prior)).mean()
        for redraw in (inversion.redraw_posterior, inversion.redraw_on_paper)
    )
    assert last < first / 3


def test_blank_paper_is_the_posterior_with_certain_pixels_as_equations(small, sent):
    """As notebook 3 writes it: a row for each active unit and each certain pixel."""
    layer, (mean, covariance) = small.model.first_part[0], inversion.picture_prior(small.letters_x)
    W, b = (part.detach().double() for part in layer.parameters())
    mean, covariance, h = mean.double(), covariance.double(), sent[0].double()
    rows, facts = W[h > 0], (h - b)[h > 0]
    for _ in range(4):
        among = rows @ covariance @ rows.T + 1e-4 * torch.eye(len(rows))
        better = mean + covariance @ rows.T @ torch.linalg.solve(among, facts - rows @ mean)
        certain = better.abs() > 0.9
        rows = torch.cat([W[h > 0], torch.eye(784).double()[certain]])
        facts = torch.cat([(h - b)[h > 0], better[certain].sign()])
    redrawn = inversion.redraw_on_paper(sent[:1], layer, mean.float(), covariance.float())
    assert (redrawn - better.clamp(-1, 1)).abs().mean() < 0.01


def test_few_equations_determine_a_picture_that_is_mostly_blank(small):
    torch.manual_seed(0)
    drawn = torch.full((5, 784), -1.0)
    drawn[:, 300:400] = torch.rand(5, 100) * 1.6 - 0.8
    few, prior = torch.nn.Linear(784, 300), (torch.full((784,), -0.9), 0.2 * torch.eye(784))
    redrawn = inversion.redraw_on_paper(few(drawn).relu(), few, *prior)
    assert inversion.mse(drawn, redrawn).mean() < inversion.mse(drawn, prior[0].expand(5, 784)).mean()


def test_with_all_units_silent_the_posterior_is_the_prior(small):
    mean, covariance = inversion.picture_prior(small.letters_x)
    redrawn = inversion.redraw_posterior(torch.zeros(2, 500), small.model.first_part[0], mean, covariance)
    assert torch.allclose(redrawn, mean.expand(2, 784).clamp(-1, 1))
    on_paper = inversion.redraw_on_paper(torch.zeros(2, 500), small.model.first_part[0], mean, covariance)
    assert on_paper.isfinite().all() and torch.equal(on_paper[0], on_paper[1])


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


@pytest.mark.parametrize(
    ("activations", "error", "says"),
    [
        (torch.zeros(2, 10), ValueError, r"\(n, 500\).*\(2, 10\)"),
        (torch.zeros(0, 500), ValueError, "at least 1"),
        (torch.zeros(500), ValueError, r"\(500,\)"),
        (torch.full((1, 500), float("inf")), ValueError, "infinite"),
        (torch.zeros(2, 500, dtype=torch.int64), TypeError, "int64"),
    ],
)
def test_wrong_activations_are_named(activations, error, says):
    with pytest.raises(error, match=says):
        inversion.Attacker()(activations)


def test_a_stopped_attacker_keeps_its_checkpoints(small, monkeypatch, capsys):
    attacker, sent = inversion.Attacker(), small.model.sent(small.letters_x)
    with monkeypatch.context() as patch:
        stop_after(patch, "mse_loss", 21)
        taken = inversion.train_attacker(attacker, sent, small.letters_x, sent[:2], checkpoints=[1, 10, 40])
    assert [point.step for point in taken] == [0, 1, 10, 20]
    assert "Stopped after 20 steps" in capsys.readouterr().out
    more = inversion.train_attacker(attacker, sent, small.letters_x, sent[:2])
    assert more[-1].loss < taken[-1].loss


def test_checkpoints_start_at_zero_end_at_the_end_and_improve(small):
    sent = small.model.sent(small.letters_x)
    watch = small.model.sent(small.test_x)
    taken = inversion.train_attacker(inversion.Attacker(), sent, small.letters_x, watch, checkpoints=[5, 20])
    assert [point.step for point in taken] == [0, 5, 20, 47] and taken[0].loss is None
    errors = [((point.redrawn - small.test_x) ** 2).mean() for point in taken]
    assert errors == sorted(errors, reverse=True)
    assert taken[-1].redrawn.abs().max() <= 1 and not taken[-1].redrawn.requires_grad


def test_pictures_and_activations_must_be_as_many(small):
    sent = small.model.sent(small.letters_x)
    with pytest.raises(ValueError, match="3000 pictures and 10 activations"):
        inversion.train_attacker(inversion.Attacker(), sent[:10], small.letters_x, sent[:1])


def test_the_lecture_attacker_beats_the_guess_and_fits_its_cut(small):
    sent = small.model.sent(small.letters_x, "logits")
    attacker = inversion.lecture_attacker(sent, small.letters_x)
    assert attacker.width == 10
    with pytest.raises(ValueError, match="Every attacker fits one cut"):
        attacker.redraw(small.model.sent(small.test_x))


def test_the_quick_attacker_does_better_in_fewer_steps_and_learns_on(small):
    sent, messages = small.model.sent(small.letters_x), small.model.sent(small.test_x)
    errors = [
        ((attacker.redraw(messages) - small.test_x) ** 2).mean()
        for attacker in (
            inversion.lecture_attacker(sent, small.letters_x),
            inversion.quick_attacker(sent, small.letters_x),
            inversion.quick_attacker(sent, small.letters_x, epochs=3),
        )
    ]
    assert errors[0] > 1.3 * errors[1] > 1.3 * errors[2]


def test_the_quick_attacker_starts_at_the_mean_and_takes_activations_as_they_are_sent(small):
    sent = small.model.sent(small.letters_x)
    start = inversion.quick_attacker(sent, small.letters_x, epochs=0)
    torch.manual_seed(2)
    plain = inversion.Attacker()
    with torch.no_grad():
        centred = plain.layers[0](sent - sent.mean(dim=0))
        assert torch.allclose(start.layers[0](sent), centred, atol=1e-4)
        assert torch.allclose(start.layers[2].bias, small.letters_x.mean(dim=0))


@pytest.mark.parametrize("train", [inversion.lecture_attacker, inversion.quick_attacker])
def test_both_attackers_name_wrong_activations(small, train):
    with pytest.raises(TypeError, match="float tensor, but list"):
        train([[0.0] * 500], small.letters_x)
    with pytest.raises(ValueError, match=r"\(n, width\).*\(500,\)"):
        train(torch.zeros(500), small.letters_x)


def test_noise_on_activations_is_laplace():
    torch.manual_seed(0)
    activations = torch.ones(200, 100)
    noise = (inversion.with_noise(activations, 1.5) - 1).flatten().numpy()
    assert fits_laplace(noise, 1.5) and not fits_laplace(noise, 0.75)
    assert inversion.with_noise(activations, 0) is activations
    for bad in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="at least 0"):
            inversion.with_noise(activations, bad)


def test_a_line_that_expects_noise_is_the_one_learned_from_many_noisy_copies():
    torch.manual_seed(0)
    activations = torch.rand(300, 6) * 2
    pictures = (activations @ torch.randn(6, 784) / 8).clamp(-1, 1)
    without = inversion.fit_ridge(activations, pictures)
    assert torch.allclose(inversion.fit_ridge(activations, pictures, noise_variance=0.0), without, atol=1e-5)
    # A thousand copies of everything make the penalty of fit_ridge a thousand times lighter.
    plain, expecting = (inversion.fit_ridge(activations, pictures, 1e-3, variance) for variance in (0.0, 0.5))
    copies = torch.cat([inversion.with_noise(activations, 0.5) for _ in range(1000)])  # variance 2 · 0.5²
    learned = inversion.fit_ridge(copies, pictures.repeat(1000, 1))
    assert (learned - expecting).abs().max() < 0.02 < (plain - expecting).abs().max()


def test_a_line_that_expects_noise_says_what_it_needs():
    activations, pictures = torch.rand(4, 3), torch.zeros(4, 784)
    for bad, says in (({"noise_variance": -1.0}, "at least 0"), ({"penalty": 0.0}, "above 0")):
        with pytest.raises(ValueError, match=f"{next(iter(bad))} must be a finite number {says}"):
            inversion.fit_ridge(activations, pictures, **bad)
    with pytest.raises(ValueError, match="each picture needs its own"):
        inversion.fit_ridge(activations[:2], pictures, noise_variance=0.0)


def test_bytes_give_what_floats_give_and_are_never_all_floats_at_once(small, monkeypatch):
    random = torch.Generator().manual_seed(0)
    held = splitnn.Pictures(torch.randint(256, (2500, 784), dtype=torch.uint8, generator=random))
    assert not inversion.mse(held, held).any() and torch.equal(splitnn.floats("They", held), held[:])
    floats, labels, taken = held[:], torch.arange(2500) % 10, []
    real = splitnn.Pictures.__getitem__

    def noted(pictures, rows):
        taken.append(len(some := real(pictures, rows)))
        return some

    def everything(pictures):
        sent, model = small.model.sent(pictures), copy.deepcopy(small.model)
        inversion.train_classifier(model, pictures, labels, epochs=1)
        pad = pad_module.arrays({"it": small.model}, pictures, small.test_x[:10])
        return [
            sent,
            *model.parameters(),
            torch.tensor(inversion.accuracy(model, pictures, labels)),
            *inversion.lecture_attacker(sent, pictures).parameters(),
            *inversion.quick_attacker(sent, pictures).parameters(),
            inversion.fit_ridge(sent, pictures, noise_variance=0.5),
            *inversion.picture_prior(pictures),
            *(torch.from_numpy(some) for named in pad.values() for some in named.values()),
        ]

    expected = everything(floats)
    monkeypatch.setattr(splitnn.Pictures, "__getitem__", noted)
    assert all(torch.equal(*pair) for pair in zip(everything(held), expected, strict=True))
    assert 128 in taken and max(taken) == splitnn.AT_ONCE < len(held)


def test_the_prior_is_that_of_torch_and_a_centre_leaves_with_its_training(small):
    letters = small.letters_x
    mean, covariance = inversion.picture_prior(letters)
    assert torch.allclose(mean, letters.mean(dim=0), atol=1e-6)
    assert torch.allclose(covariance, torch.cov(letters.T) + 1e-3 * torch.eye(784), atol=1e-5)
    attacker = inversion.quick_attacker(small.model.sent(letters), letters, epochs=0)
    assert not attacker._forward_pre_hooks and copy.deepcopy(attacker).width == 500
