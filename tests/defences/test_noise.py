"""Noise and NoPeek, distance correlation, and attackers who know of the defence."""

import copy

import numpy as np
import pytest
import torch
from laplace import fits_laplace

from helpers import defences, inversion
from helpers.defences import noise


def integers():
    i = torch.arange(12.0, dtype=torch.float64)
    x = torch.stack([i, i * i % 7, 3 * i % 5], dim=1)
    related = torch.stack([i**2 / 10, 5 * i % 11], dim=1)
    hardly = torch.stack([7 * i % 12, i**3 % 13], dim=1)
    return x, related, hardly


def test_distance_correlations_are_those_of_dcor():
    # dcor 0.7: distance_correlation and u_distance_correlation_sqr of these integers.
    x, related, hardly = integers()
    for y, usual, unbiased in (
        (related, 0.8918152073401505, 0.6571521241243592),
        (hardly, 0.6192436414836612, -0.07795710795542049),
    ):
        assert defences.distance_correlation(x, y).item() == pytest.approx(usual, abs=1e-5)
        assert defences.unbiased_distance_correlation_sqr(x, y) == pytest.approx(unbiased, abs=1e-9)


def test_squared_distances_see_lines_only():
    # On centred data the published variant is the RV coefficient's root: 0 for a parabola, 1 for a line.
    line = torch.linspace(-1, 1, 101)[:, None]
    assert defences.distance_correlation(line, 3 * line, squared=True).item() == pytest.approx(1, abs=1e-4)
    assert defences.distance_correlation(line, line**2, squared=True).item() < 0.01
    assert defences.distance_correlation(line, line**2).item() > 0.4


def test_distance_correlation_of_noise_has_a_floor_and_the_unbiased_has_none():
    torch.manual_seed(0)
    x, y = torch.randn(64, 300), torch.randn(64, 300)
    assert defences.distance_correlation(x, y) > 0.8
    scores = [defences.unbiased_distance_correlation_sqr(x, torch.randn(64, 300)) for _ in range(50)]
    assert abs(np.mean(scores)) < 0.01 and min(scores) < 0 < max(scores)
    assert defences.unbiased_distance_correlation_sqr(x, torch.ones(64, 2)) == 0


def test_distance_correlation_has_a_gradient_even_where_rows_are_equal():
    x = torch.tensor([[0.0, 1], [0, 1], [2, 3], [1, 1]], requires_grad=True)
    defences.distance_correlation(x, torch.arange(8.0).reshape(4, 2)).backward()
    assert x.grad.isfinite().all() and x.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("x", "y"),
    [(torch.ones(1, 2), torch.ones(1, 2)), (torch.ones(5, 2), torch.ones(4, 2)), (torch.ones(5), torch.ones(5))],
)
def test_distance_correlation_says_what_samples_it_needs(x, y):
    for function in (defences.distance_correlation, defences.unbiased_distance_correlation_sqr):
        with pytest.raises(ValueError, match="Two samples of finite numbers, of shapes"):
            function(x, y)


KINDS = [(inversion.SplitNN, defences.DefendedSplitNN), (inversion.ConvSplitNN, defences.DefendedConvSplitNN)]


@pytest.fixture(scope="module")
def conv(small):
    """A DefendedConvSplitNN without noise that knows a little of digits."""
    torch.manual_seed(0)
    model = defences.DefendedConvSplitNN()
    defences.train_defended(model, small.digits_x[:320], small.digits_y[:320], epochs=2)
    return model


@pytest.mark.parametrize(("plain", "defended"), KINDS)
def test_without_a_defence_the_same_network_is_learned(small, plain, defended):
    networks, x = [], small.test_x[:50]
    for make, train in ((plain, inversion.train_classifier), (defended, defences.train_defended)):
        torch.manual_seed(3)
        networks.append(make())
        train(networks[-1], small.digits_x[:200], small.digits_y[:200], epochs=1)
    for a, b in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
        assert torch.equal(a, b)
    assert torch.equal(networks[0].sent(x), networks[1].sent(x))
    assert torch.equal(noise.before_noise(networks[0], x), networks[0].sent(x))


@pytest.mark.parametrize(("plain", "defended"), KINDS)
def test_a_defended_network_sends_noise_and_reads_through_it(small, plain, defended):
    torch.manual_seed(0)
    clear, model, x = plain(), defended(1.0), small.test_x[:40]
    model.load_state_dict(clear.state_dict())
    assert torch.equal(noise.before_noise(model, x), clear.sent(x))
    assert fits_laplace((model.sent(x) - clear.sent(x)).flatten().numpy(), 1.0)
    assert not torch.equal(model(x), model(x))
    assert model.sent(x, model.cuts[1]).shape == (40, 500)
    with pytest.raises(ValueError, match=f"must be one of '{model.cuts[1]}', but the text 'logits'"):
        model.sent(x, "logits")
    with pytest.raises(ValueError, match="must have shape"):
        model(x[0])


def test_nopeek_lowers_the_correlation_that_it_is_charged_for(small):
    scores = {}
    for weight in (0.0, 2.0):
        torch.manual_seed(0)
        model = defences.DefendedSplitNN()
        defences.train_defended(model, small.digits_x, small.digits_y, weight, epochs=4)
        scores[weight] = defences.unbiased_distance_correlation_sqr(small.test_x, model.sent(small.test_x))
        assert inversion.accuracy(model, small.test_x, small.test_y) > 0.7
    assert scores[2.0] < 0.7 * scores[0.0]


def test_nopeek_lowers_the_correlation_of_convolutions_too(small, conv):
    torch.manual_seed(0)
    model, x = defences.DefendedConvSplitNN(), small.test_x[:100]
    defences.train_defended(model, small.digits_x[:320], small.digits_y[:320], 2.0, epochs=2)
    scores = [defences.unbiased_distance_correlation_sqr(x, some.sent(x)) for some in (conv, model)]
    assert scores[1] < 0.9 * scores[0]


@pytest.mark.parametrize("kind", [kind for _, kind in KINDS])
def test_training_says_what_it_needs(small, kind):
    model = kind()
    with pytest.raises(ValueError, match="labels of 5 pictures must have shape"):
        defences.train_defended(model, small.digits_x[:5], small.digits_y[:4])
    with pytest.raises(ValueError, match="nopeek must be a finite number at least 0, but -1"):
        defences.train_defended(model, small.digits_x[:5], small.digits_y[:5], -1)


def test_each_attacker_beats_the_one_before(small):
    torch.manual_seed(0)
    model = defences.DefendedSplitNN(1.0)
    model.load_state_dict(small.model.state_dict())
    error = {
        name: inversion.mse(small.test_x, drawn).mean().item()
        for name, drawn in defences.attack(model, small.letters_x, small.test_x).items()
    }
    mean_digit = inversion.mse(small.test_x, small.digits_x.mean(dim=0).expand_as(small.test_x)).mean()
    assert error["persistent"] < 0.8 * error["informed"] < error["informed"] < mean_digit < error["unaware"]
    assert error["white-box"] < error["informed"]
    model.noise = 0.0
    drawn = defences.attack(model, small.letters_x, small.test_x)
    assert torch.equal(drawn["unaware"], drawn["informed"])


def test_a_client_without_a_defence_is_refused(small):
    for kind, _ in KINDS:
        for function in (defences.train_defended, defences.retrain_server, defences.attack):
            with pytest.raises(TypeError, match="model must be a Defended, but a "):
                function(kind(), small.digits_x[:5], small.digits_y[:5])


def test_the_attackers_of_convolutions_undo_the_tanh(small, conv):
    torch.manual_seed(0)
    own, x = small.letters_x[:1500], small.test_x[:100]
    model = copy.deepcopy(conv)
    clear, theirs = noise.before_noise(model, own), model.sent(x)
    line = inversion.redraw_ridge(inversion.fit_ridge(clear, own), theirs)
    drawn = defences.attack(model, own, x)
    assert list(drawn) == ["informed", "persistent"] and torch.equal(drawn["informed"], drawn["persistent"])
    assert inversion.mse(x, drawn["informed"]).mean() < inversion.mse(x, line).mean()
    model.noise = 0.5
    guess = small.digits_x.mean(dim=0).expand_as(x)
    found = [inversion.mse(x, some).mean() for some in (*defences.attack(model, own, x).values(), guess)]
    assert found[1] < 0.9 * found[0] and found[0] < found[2]


def test_the_tanh_is_undone_as_far_as_the_noise_lets_one():
    steps = torch.linspace(-3, 3, 500)[None]
    assert torch.allclose(defences.undo_tanh(steps.tanh()), steps, atol=1e-4)
    assert defences.undo_tanh(torch.tensor([[1.0, -1, 40]])).isfinite().all()
    assert defences.undo_tanh(torch.tensor([[1.0, -40]]), 1.0).tanh().tolist() == [pytest.approx([0.9, -0.9])]


def test_the_median_of_messages_is_that_of_all_of_them():
    clear = torch.rand(150, 20)
    torch.manual_seed(0)
    together = torch.stack([inversion.with_noise(clear, 2.0) for _ in range(16)]).quantile(0.5, dim=0)
    torch.manual_seed(0)
    assert torch.equal(defences.median_of_messages(clear, 2.0), together)
    assert torch.equal(defences.median_of_messages(clear, 0), clear)


def test_only_a_layer_that_takes_pictures_has_a_most_probable_one(small, conv):
    sent = conv.sent(small.test_x[:3])
    with pytest.raises(TypeError, match="a ConvSplitNN lacks, but a Conv2d was given"):
        defences.most_probable(sent, conv.first_part[1], 1.0, small.letters_x[:50])
    with pytest.raises(TypeError, match="a ConvSplitNN lacks, but Linear.in_features=9216"):
        defences.most_probable(sent, conv.first_part[-2], 1.0, small.letters_x[:50])


def test_matching_finds_the_message_of_convolutions(small, conv):
    x, y = small.test_x[:100], small.test_y[:100]
    model = copy.deepcopy(conv)
    model.noise = 0.5
    assert defences.found_by_matching(model, model.sent(x), x, y).float().mean() > 0.8


def test_matching_finds_the_message_and_not_another(small):
    sent = small.model.sent(small.test_x)
    assert defences.found_by_matching(small.model, sent, small.test_x, small.test_y).all()
    torch.manual_seed(0)
    chance = defences.found_by_matching(small.model, torch.randn(300, 500), small.test_x, small.test_y)
    assert chance.float().mean() < 0.15
    with pytest.raises(ValueError, match="must have shape"):
        defences.found_by_matching(small.model, sent[:, :3], small.test_x, small.test_y)


def test_the_most_probable_picture_is_found_by_more_than_a_line(small):
    torch.manual_seed(0)
    layer, sent = small.model.first_part[0], small.model.sent(small.test_x)
    noisy, clear = inversion.with_noise(sent, 1.0), small.model.sent(small.letters_x)
    line = inversion.redraw_ridge(inversion.fit_ridge(clear, small.letters_x, noise_variance=2.0), noisy)
    found = [
        inversion.found_among_same_digit(small.test_x, drawn, small.test_y).float().mean().item()
        for drawn in (line, defences.most_probable(noisy, layer, 1.0, small.letters_x))
    ]
    assert found[1] > found[0] + 0.05
    drawn = defences.most_probable(sent[:5], layer, 0, small.letters_x)  # no noise counts as a little
    assert inversion.mse(small.test_x[:5], drawn).max() < 0.1 and drawn.abs().max() <= 1


def test_a_server_behind_convolutions_learns_from_noise_and_leaves_the_device(small, conv):
    torch.manual_seed(0)
    model = copy.deepcopy(conv)
    model.noise = 2.0
    before = [inversion.accuracy(model, small.test_x, small.test_y) for _ in range(3)]
    losses = defences.retrain_server(model, small.digits_x[:320], small.digits_y[:320], epochs=6)
    after = [inversion.accuracy(model, small.test_x, small.test_y) for _ in range(3)]
    assert losses[-1] < losses[0] and np.mean(after) > np.mean(before)
    for a, b in zip(model.first_part.parameters(), conv.first_part.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_server_that_knows_of_the_noise_reads_more(small):
    torch.manual_seed(0)
    model = defences.DefendedSplitNN(2.0)
    model.load_state_dict(small.model.state_dict())
    before = [inversion.accuracy(model, small.test_x, small.test_y) for _ in range(3)]
    defences.retrain_server(model, small.digits_x, small.digits_y, epochs=5)
    after = [inversion.accuracy(model, small.test_x, small.test_y) for _ in range(3)]
    assert min(after) > max(before)
    assert torch.equal(model.first_part[0].weight, small.model.first_part[0].weight)
