"""Defences against known answers: distributions, an accountant, correlations, the stored grid; and the checks."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from helpers import data, defences, encryption, exercises, figures, inversion, splitnn

KEY = bytes(range(32))

# --- one scale, pseudonyms ------------------------------------------------------


def test_one_scale():
    assert defences.on_one_scale(0.75, 0.5, 1) == 0.5
    assert defences.on_one_scale(-2, -4, 0) == 0.5  # an error: less is more
    assert defences.on_one_scale(9, 0, 1) == 1 and defences.on_one_scale(-9, 0, 1) == 0
    with pytest.raises(ValueError, match="must differ"):
        defences.on_one_scale(1, 2, 2)


def test_a_keyed_pseudonym_is_hmac():
    # RFC 4231, test case 1.
    assert defences.keyed_pseudonym("Hi There", b"\x0b" * 20) == "b0344c61d8db3853"
    assert defences.keyed_pseudonym("a", KEY) == defences.keyed_pseudonym("a", KEY)
    assert defences.keyed_pseudonym("a", KEY) != defences.keyed_pseudonym("a", KEY[::-1])
    assert defences.keyed_pseudonym(70, KEY) == defences.keyed_pseudonym("70", KEY)
    with pytest.raises(ValueError, match="at least 16 bytes, but has 3"):
        defences.keyed_pseudonym("a", b"key")


# --- the Laplace mechanism --------------------------------------------------------


def fits_laplace(noise, scale):
    return kstest(noise, "laplace", args=(0, scale)).pvalue > 1e-4


@pytest.mark.parametrize(("epsilon", "sensitivity"), [(1.0, 1), (0.5, 8), (4.0, 100)])
def test_the_noise_is_laplace_of_the_right_scale_and_the_test_would_see_another(epsilon, sensitivity):
    random = np.random.default_rng(0)
    noise = defences.laplace_mechanism(np.full(20_000, 7.0), epsilon, sensitivity, random) - 7
    scale = sensitivity / epsilon
    assert fits_laplace(noise, scale)
    for wrong in (scale / 2, 2 * scale, 0.9 * scale):
        assert not fits_laplace(noise, wrong)
    assert not fits_laplace(random.normal(scale=math.sqrt(2) * scale, size=20_000), scale)


def empirical_epsilon(epsilon, scale_factor=1.0, n=400_000):
    """The largest log ratio of how often a count falls into a bin in two worlds that differ by one person."""
    random = np.random.default_rng(1)
    bins = np.linspace(-3, 4, 15)
    worlds = [
        np.histogram(defences.laplace_mechanism(np.full(n, answer), epsilon / scale_factor, 1, random), bins)[0]
        for answer in (0.0, 1.0)
    ]
    return np.abs(np.log(worlds[0] / worlds[1])).max()


def test_two_worlds_differ_by_epsilon_and_no_more():
    for epsilon in (0.5, 1.0):
        assert 0.9 * epsilon < empirical_epsilon(epsilon) < 1.1 * epsilon
    # With half the scale the ratio is twice as large: this test would fail.
    assert empirical_epsilon(1.0, scale_factor=0.5) > 1.8


def test_counts_get_noise_of_their_own():
    noise = defences.laplace_mechanism(np.zeros((200, 5)), 1, 1, np.random.default_rng(0))
    assert noise.shape == (200, 5) and np.abs(np.corrcoef(noise.T) - np.eye(5)).max() < 0.3


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_the_mechanism_refuses_a_bad_epsilon_or_sensitivity(bad):
    with pytest.raises(ValueError, match="epsilon must be finite and above 0"):
        defences.laplace_mechanism([1], bad, 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="sensitivity must be finite and above 0"):
        defences.laplace_mechanism([1], 1, bad, np.random.default_rng(0))


def test_strongest_belief():
    assert defences.strongest_belief(0.2, 0) == pytest.approx(0.2)
    assert defences.strongest_belief(0.2, math.log(4)) == pytest.approx(0.5)
    assert defences.strongest_belief(0.5, 1e9) == 1
    prior, epsilon = 0.3, 1.7
    after = defences.strongest_belief(prior, epsilon)
    assert after / (1 - after) == pytest.approx(math.exp(epsilon) * prior / (1 - prior))
    for bad in ((0, 1), (1, 1), (math.nan, 1), (0.5, -1)):
        with pytest.raises(ValueError, match="must"):
            defences.strongest_belief(*bad)


def test_expected_answers_are_the_posterior_mean_of_a_gaussian_model():
    random = np.random.default_rng(0)
    queries = random.integers(0, 2, (7, 4)).astype(float)
    answers, scale, prior = random.normal(size=7), 1.5, 0.3
    # The textbook's form, with the covariance of the counts instead of that of the people.
    spread = prior * (1 - prior) * queries @ queries.T + 2 * scale**2 * np.eye(7)
    away = answers - prior * queries.sum(axis=1)
    mean = prior + prior * (1 - prior) * queries.T @ np.linalg.solve(spread, away)
    assert np.allclose(defences.expected_answers(queries, answers, scale, prior), mean)
    for bad in ((-1, 0.2), (math.nan, 0.2), (1, 0), (1, 1)):
        with pytest.raises(ValueError, match="The scale must be at least 0"):
            defences.expected_answers(queries, answers, *bad)


def test_noisy_counts_are_attacked_with_little_noise_and_not_with_much():
    secret = (np.random.default_rng(1).random(100) < 0.2).astype(float)
    little, much = (defences.noisy_counts_trial(secret, 400, epsilon, 0) for epsilon in (1e4, 1e-3))
    assert little["right"] == little["auc"] == 1 and little["error"] < 1 < little["useless"]
    assert much["right"] == 1 - secret.mean() and 0.3 < much["auc"] < 0.7 and much["error"] > 1e4
    assert little == defences.noisy_counts_trial(secret, 400, 1e4, 0)


@pytest.mark.parametrize("epsilon", [0.2, 1.0, 3.0])
def test_laplace_auc_is_what_a_trial_finds(epsilon):
    from sklearn.metrics import roc_auc_score

    answers = np.repeat([0.0, 1.0], 100_000)
    seen = defences.laplace_mechanism(answers, epsilon, 1, np.random.default_rng(0))
    assert roc_auc_score(answers, seen) == pytest.approx(defences.laplace_auc(epsilon), abs=0.005)
    assert defences.laplace_auc(0) == 0.5 and defences.laplace_auc(1000) == 1
    with pytest.raises(ValueError, match="at least 0"):
        defences.laplace_auc(-1)


def test_cells_are_matched_by_length_and_by_frequency_among_equal_lengths():
    known = ["ab"] * 3 + ["cd"] * 2 + ["efg"]
    truth = ["cd", "ab", "ab", "efg", "ab", "cd"]
    cells = encryption.encrypt_column(truth, KEY, "deterministic")
    assert encryption.match_by_length(cells, known, 17) == truth
    cells = encryption.encrypt_column(truth, KEY, "randomised")
    assert encryption.match_by_length(cells, known, 29) == ["ab", "ab", "ab", "efg", "ab", "ab"]
    assert encryption.match_by_length(cells, known, 0) == [None] * 6  # no text has that length


def test_nobody_in_town_passes_one_half_up_to_what_the_notebook_says():
    debt = data.town().groupby(["job", "home"])["in_debt"].mean()
    assert defences.strongest_belief(debt.max(), 0.9) < 0.5 < defences.strongest_belief(debt.max(), 1.0)
    # The clinic's limit in notebook 4, section 5: kept by ε = 1 in all, not by ε = 2.
    assert defences.strongest_belief(0.25, 1) < 0.5 and round(defences.strongest_belief(0.25, 2), 2) == 0.71


# --- noise on activations, distance correlation, attackers ------------------------


def test_noise_on_activations_is_laplace():
    torch.manual_seed(0)
    activations = torch.ones(200, 100)
    noise = (defences.with_noise(activations, 1.5) - 1).flatten().numpy()
    assert fits_laplace(noise, 1.5) and not fits_laplace(noise, 0.75)
    assert defences.with_noise(activations, 0) is activations
    for bad in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="at least 0"):
            defences.with_noise(activations, bad)


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
        with pytest.raises(ValueError, match="Two samples of shapes"):
            function(x, y)


def test_without_a_defence_the_same_network_is_learned(small):
    networks = []
    for make, train in (
        (splitnn.SplitNN, splitnn.train_classifier),
        (defences.DefendedSplitNN, defences.train_defended),
    ):
        torch.manual_seed(3)
        networks.append(make())
        train(networks[-1], small.digits_x[:200], small.digits_y[:200], epochs=1)
    for a, b in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
        assert torch.equal(a, b)
    assert torch.equal(networks[0].sent(small.test_x), networks[1].sent(small.test_x))


def test_a_defended_network_sends_noise_and_reads_through_it(small):
    torch.manual_seed(0)
    model = defences.DefendedSplitNN(1.0)
    model.load_state_dict(small.model.state_dict())
    noise = model.sent(small.test_x) - small.model.sent(small.test_x)
    assert fits_laplace(noise[:40].flatten().numpy(), 1.0)
    assert not torch.equal(model(small.test_x), model(small.test_x))
    with pytest.raises(ValueError, match="no cut 'logits'"):
        model.sent(small.test_x, "logits")
    with pytest.raises(ValueError, match="must have shape"):
        model(small.test_x[0])


def test_nopeek_lowers_the_correlation_that_it_is_charged_for(small):
    scores = {}
    for weight in (0.0, 2.0):
        torch.manual_seed(0)
        model = defences.DefendedSplitNN()
        defences.train_defended(model, small.digits_x, small.digits_y, weight, epochs=4)
        scores[weight] = defences.unbiased_distance_correlation_sqr(small.test_x, model.sent(small.test_x))
        assert splitnn.accuracy(model, small.test_x, small.test_y) > 0.7
    assert scores[2.0] < 0.7 * scores[0.0]


def test_training_says_what_it_needs(small):
    model = defences.DefendedSplitNN()
    with pytest.raises(ValueError, match="as many labels"):
        defences.train_defended(model, small.digits_x[:5], small.digits_y[:4])
    with pytest.raises(ValueError, match="NoPeek must be at least 0, but -1"):
        defences.train_defended(model, small.digits_x[:5], small.digits_y[:5], -1)


def test_lines_that_expect_noise_are_those_learned_from_many_noisy_copies():
    torch.manual_seed(0)
    activations = torch.rand(300, 6) * 2
    pictures = (activations @ torch.randn(6, 784) / 8).clamp(-1, 1)
    assert torch.allclose(
        defences.fit_lines(activations, pictures, (0.0,))[0.0], inversion.fit_ridge(activations, pictures), atol=1e-5
    )
    # A thousand copies of everything make the penalty of fit_ridge a thousand times lighter.
    lines = defences.fit_lines(activations, pictures, (0.0, 0.5), penalty=1e-3)
    copies = torch.cat([defences.with_noise(activations, 0.5) for _ in range(1000)])  # variance 2 · 0.5²
    learned = inversion.fit_ridge(copies, pictures.repeat(1000, 1))
    assert (learned - lines[0.5]).abs().max() < 0.02 < (lines[0.0] - lines[0.5]).abs().max()


def test_lines_say_what_they_need():
    activations, pictures = torch.rand(4, 3), torch.zeros(4, 784)
    for bad in (((-1.0,), 1.0), ((0.0,), 0.0)):
        with pytest.raises(ValueError, match="Variances must be at least 0"):
            defences.fit_lines(activations, pictures, *bad)
    with pytest.raises(ValueError, match="each picture needs its own"):
        defences.fit_lines(activations[:2], pictures, (0.0,))


def test_the_informed_attacker_beats_the_unaware_and_averaging_beats_both(small):
    torch.manual_seed(0)
    model = defences.DefendedSplitNN(1.0)
    model.load_state_dict(small.model.state_dict())
    error = {
        name: inversion.mse(small.test_x, drawn).mean().item()
        for name, drawn in defences.attack(model, small.letters_x, small.test_x).items()
    }
    mean_digit = inversion.mse(small.test_x, small.digits_x.mean(dim=0).expand_as(small.test_x)).mean()
    assert error["averaging"] < 0.8 * error["informed"] < error["informed"] < mean_digit < error["unaware"]
    model.noise = 0.0
    drawn = defences.attack(model, small.letters_x, small.test_x)
    assert torch.equal(drawn["unaware"], drawn["informed"])


def test_matching_finds_the_message_and_not_another(small):
    sent = small.model.sent(small.test_x)
    assert defences.found_by_matching(small.model, sent, small.test_x, small.test_y).all()
    torch.manual_seed(0)
    chance = defences.found_by_matching(small.model, torch.randn(300, 500), small.test_x, small.test_y)
    assert chance.float().mean() < 0.15
    with pytest.raises(ValueError, match="must have shape"):
        defences.found_by_matching(small.model, sent[:, :3], small.test_x, small.test_y)


# --- the stored grid ---------------------------------------------------------------


def test_the_stored_grid_is_whole():
    grid, pictures = defences.read_grid(), defences.read_grid_pictures()
    assert len(grid) == 36 and (grid["seed"] == defences.SEED).all()
    assert list(grid[["when", "noise", "nopeek"]].itertuples(index=False, name=None)) == defences.grid_cells()
    shares = grid.filter(regex="_(read|found)$|accuracy")
    assert not shares.drop(columns="published_read").isna().any(axis=None)
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    assert pictures.shape == (36, 16, 784) and -1 <= pictures.min() < pictures.max() <= 1


def test_two_cells_computed_again_agree_with_the_stored_grid():
    cells = [("in training", 1.0, 0.5), ("after training", 1.5, 0.0)]
    again, pictures = defences.compute_grid(cells)
    stored = defences.read_grid().set_index(["when", "noise", "nopeek"])
    for _, row in again.set_index(["when", "noise", "nopeek"]).iterrows():
        expected = stored.loc[row.name]
        assert row["accuracy"] == pytest.approx(expected["accuracy"], abs=0.03)
        assert row["spread"] == pytest.approx(expected["spread"], rel=0.05)
        for name in ("dcor", "dcor_floor", "dcor_unbiased_sqr", "dcor_unbiased_sqr_floor"):
            assert row[name] == pytest.approx(expected[name], abs=0.03), name
        for name in defences.ATTACKERS:
            assert row[f"{name}_mse"] == pytest.approx(expected[f"{name}_mse"], rel=0.05)
            assert row[f"{name}_ssim"] == pytest.approx(expected[f"{name}_ssim"], abs=0.03)
            assert row[f"{name}_read"] == pytest.approx(expected[f"{name}_read"], abs=0.04)
            assert row[f"{name}_found"] == pytest.approx(expected[f"{name}_found"], abs=0.06)
    here = [defences.grid_cells().index(cell) for cell in cells]
    apart = np.abs(pictures.reshape(2, 16, 784) / 127.5 - 1 - defences.read_grid_pictures()[here])
    assert apart[:, 8:].mean() < 0.1  # what the informed and the averaging attacker draw


def test_a_missing_grid_says_how_to_compute_it(monkeypatch, tmp_path):
    for name, read in (("GRID_TABLE", defences.read_grid), ("GRID_PICTURES", defences.read_grid_pictures)):
        monkeypatch.setattr(defences, name, tmp_path / "gone")
        with pytest.raises(FileNotFoundError, match="python -m helpers.defences"):
            read()


def test_a_client_is_defended_in_training_or_after():
    with pytest.raises(ValueError, match="not 'before training'"):
        defences.defended_client("before training", 1.0, 0.0, torch.zeros(1, 784), torch.zeros(1, dtype=torch.long))


# --- DP-SGD -------------------------------------------------------------------------


def one_by_one(model, pictures, labels, clip):
    total = [torch.zeros_like(parameter) for parameter in model.parameters()]
    for picture, label in zip(pictures, labels, strict=True):
        loss = torch.nn.functional.cross_entropy(model(picture[None]), label[None])
        gradient = torch.autograd.grad(loss, list(model.parameters()))
        length = sum((part**2).sum() for part in gradient).sqrt()
        for so_far, part in zip(total, gradient, strict=True):
            so_far += part * min(1, clip / length)
    return total


@pytest.mark.parametrize("clip", [0.1, 3.0, 1e6])
def test_clipped_gradients_are_those_of_a_loop(small, clip):
    expected = one_by_one(small.model, small.digits_x[:20], small.digits_y[:20], clip)
    found = defences.clipped_gradients(small.model, small.digits_x[:20], small.digits_y[:20], clip)
    for a, b in zip(found, expected, strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-5)


def test_one_picture_changes_the_sum_by_at_most_the_clip(small):
    with_it = defences.clipped_gradients(small.model, small.digits_x[:9], small.digits_y[:9], 0.01)
    without = defences.clipped_gradients(small.model, small.digits_x[:8], small.digits_y[:8], 0.01)
    change = sum(((a - b) ** 2).sum() for a, b in zip(with_it, without, strict=True)).sqrt()
    assert change <= 0.01 * 1.001


def test_an_empty_batch_has_no_gradient_and_a_bad_clip_is_refused(small):
    empty = defences.clipped_gradients(small.model, small.digits_x[:0], small.digits_y[:0], 1)
    assert all((part == 0).all() for part in empty) and len(empty) == 6
    with pytest.raises(ValueError, match="clip at must be above 0"):
        defences.clipped_gradients(small.model, small.digits_x[:2], small.digits_y[:2], 0)


def test_a_step_adds_noise_of_the_stated_size(small):
    torch.manual_seed(0)
    model = splitnn.SplitNN()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    options = {"noise_multiplier": 2.0, "rate": 1e-9, "steps": 1, "clip": 0.5, "learning_rate": 1e-9}
    defences.train_dp_sgd(model, small.digits_x[:100], small.digits_y[:100], **options)
    # With that rate the batch is empty, and its expected size is 1e-7.
    moved = (model.first_part[0].weight - before[0]).flatten()[:20_000].detach().numpy()
    assert kstest(moved, "norm", args=(0, 1e-9 * 2.0 * 0.5 / 1e-7)).pvalue > 1e-4


def test_dp_sgd_learns(small):
    torch.manual_seed(0)
    model = splitnn.SplitNN()
    defences.train_dp_sgd(model, small.digits_x, small.digits_y, 0.5, 0.1, 60)
    assert splitnn.accuracy(model, small.test_x, small.test_y) > 0.6
    with pytest.raises(ValueError, match="rate must be above 0"):
        defences.train_dp_sgd(model, small.digits_x, small.digits_y, rate=0)


@pytest.mark.parametrize(
    ("noise", "rate", "steps", "published"),
    [
        (4.0, 0.01, 10_000, 1.26),  # M. Abadi et al., CCS 2016, section 3.2
        (1.3, 256 / 60_000, 20 * 60_000 // 256, 1.34),  # Z. Bu, J. Dong, Q. Long, W. Su, 2020, figure 4
        (0.7, 256 / 60_000, 70 * 60_000 // 256, 8.68),  # the same
    ],
)
def test_the_accountant_agrees_with_published_values(noise, rate, steps, published):
    # All three are for delta 1e-5 and with the conversion of the time, which is a little larger than ours.
    # Whole orders only: up to 4 % above what finer orders give, and never below.
    orders = range(2, 257)
    then = min(steps * defences.renyi_divergence(noise, rate, a) + math.log(1e5) / (a - 1) for a in orders)
    assert 0.99 * published < then < 1.04 * published
    assert 0.75 * published < defences.dp_sgd_epsilon(noise, rate, steps, 1e-5) < published


@pytest.mark.parametrize(
    ("noise", "rate", "steps", "delta", "opacus"),
    [  # opacus 1.6.0, RDPAccountant with its default orders, which are not only whole numbers
        (4.0, 0.01, 10_000, 1e-5, 1.03549),
        (1.0, 0.1, 150, 1e-4, 8.3281),
        (2.0, 0.1, 150, 1e-4, 2.7396),
        (1.5, 0.2, 100, 1e-3, 6.1590),
        (1.1, 1.0, 10, 1e-5, 16.8567),
    ],
)
def test_the_accountant_agrees_with_opacus_and_errs_on_the_safe_side(noise, rate, steps, delta, opacus):
    assert opacus - 1e-4 <= defences.dp_sgd_epsilon(noise, rate, steps, delta) < 1.03 * opacus


def test_more_noise_and_fewer_steps_cost_less():
    cost = defences.dp_sgd_epsilon(1.0, 0.1, 100, 1e-5)
    assert defences.dp_sgd_epsilon(2.0, 0.1, 100, 1e-5) < cost < defences.dp_sgd_epsilon(1.0, 0.1, 200, 1e-5)
    assert defences.dp_sgd_epsilon(1.0, 0.05, 100, 1e-5) < cost < defences.dp_sgd_epsilon(1.0, 0.1, 100, 1e-9)
    for bad in ((0, 0.1, 1, 1e-5), (1, 0, 1, 1e-5), (1, 1.1, 1, 1e-5), (1, 0.1, 0, 1e-5), (1, 0.1, 1, 0)):
        with pytest.raises(ValueError, match="The accountant needs"):
            defences.dp_sgd_epsilon(*bad)


# --- membership, prototypes ------------------------------------------------------------


class Remembers(torch.nn.Module):
    """Sure of the digits it knows, of others less so."""

    def __init__(self, known):
        super().__init__()
        self.known = known

    def forward(self, pictures):
        sure = 5.0 * (pictures[:, :1] == self.known).float()
        return torch.cat([sure, torch.zeros(len(pictures), 9)], dim=1)


def test_membership_is_found_in_networks_that_remember_and_not_in_others():
    pools = [(torch.full((20, 784), float(i)), torch.zeros(20, dtype=torch.long)) for i in range(3)]
    remembering = [Remembers(float(i)) for i in range(3)]
    forgetting = [Remembers(9.0)] * 3
    for compared in (False, True):
        assert defences.membership(remembering, pools, compared) == (1, 1)
        assert defences.membership(forgetting, pools, compared) == (0.5, 0)
    assert defences.membership(remembering[1:] + remembering[:1], pools)[0] == 0.25  # wrong more often than a coin
    # Half of the strangers may be accused: the one of two that looks like a member, and no member.
    assert defences.membership(remembering[1:] + remembering[:1], pools, false_alarms=0.5)[1] == 0
    assert defences.membership(forgetting, pools, false_alarms=1)[1] == 1
    with pytest.raises(ValueError, match="Needed are 2 pools"):
        defences.membership(remembering[:1], pools[:1])
    with pytest.raises(ValueError, match="Needed are 3 pools"):
        defences.membership(remembering[:2], pools[:2], compared=True)


def test_prototypes_are_what_the_network_is_sure_of(small):
    prototypes = defences.class_prototypes(small.model, steps=100)
    assert prototypes.shape == (10, 784) and prototypes.abs().max() <= 1
    assert small.model(prototypes).softmax(dim=1).diag().min() > 0.9


# --- figures ----------------------------------------------------------------------------


def test_figures_say_their_numbers():
    import pandas as pd

    assert "belief to 50%" in figures.two_worlds(math.log(4), 0.2).alt
    right = pd.DataFrame({10: [80.0, 90.0], 800: [79.0, 99.0]}, [1, 100])
    alt = figures.attack_and_error(right, right, right, 100, 800, 79).alt
    assert "ε = 100, 800 questions: 99 % right" in alt and "guess at 79 %" in alt
    table = pd.DataFrame([[90.0, 80.0], [70.0, 60.0]], [0.0, 1.0], [0.0, 2.0])
    assert "reads: 90 without a defence, 60 with the most of both" in figures.grid_tables([table], ["reads"], "T").alt
    grid, pictures = defences.read_grid(), defences.read_grid_pictures()
    assert "Noise 2 in training, NoPeek 1" in figures.grid_cell(grid.loc[19], torch.zeros(4, 784), pictures[19]).alt
    assert "A: one: use 10, privacy 90." in figures.frontiers({"A": {"one": (10, 90)}}, "T").alt


# --- checks --------------------------------------------------------------------------------


CHECKS = (
    exercises.check_ways,
    exercises.check_private_counts,
    exercises.check_largest_epsilon,
    exercises.check_noise_left,
    exercises.check_auc,
    exercises.check_recommendation,
)


@pytest.mark.parametrize(
    "absurd", [None, "?", 7, [], {}, lambda *some: 1, lambda *some: None, lambda *some: ..., np.nan]
)
def test_absurd_and_unfinished_answers_never_raise(absurd):
    for check in CHECKS:
        verdict = check(absurd)
        assert not verdict.right and verdict.message
    assert not exercises.check_choose_cell(absurd, defences.read_grid()).right
    assert all(not check(...).right for check in CHECKS)


def ways(archive="filled up", number="keyed pseudonym", counted="none of these"):
    return {"archive": archive, "patient number": number, "counted by the cloud": counted}


def test_ways():
    assert exercises.check_ways(ways()).right and exercises.check_ways(ways(number="deterministic")).right
    assert exercises.check_ways(ways("Filled up", "Keyed pseudonym", "None of these ")).right
    for wrong, hint in (
        (ways(archive="randomised"), "lengths"),
        (ways(archive="deterministic"), "equal cells"),
        (ways(archive="none of these"), "One of the six will do"),
        (ways(archive="keyed pseudonym"), "Nobody gets a text back"),
        ({"archive": "filled up", "patient number": "keyed pseudonym"}, "no answer yet for: counted by the cloud"),
        (ways(number="plain hash"), "dictionary"),
        (ways(number="randomised"), "ever equal"),
        (ways(number="filled up"), "ever equal"),
        (ways(number="order-preserving"), "order"),
        (ways(number="none of these"), "occurs once"),
        (ways(counted="filled up"), "cannot count"),
        (ways(counted="deterministic"), "so does the thief"),
        (ways(archive="AES"), "is not one of"),
        ({"archive": "filled up"}, "patient number"),
    ):
        verdict = exercises.check_ways(wrong)
        assert not verdict.right and hint in verdict.message, wrong


def noisy(scale, shape=None, draw="laplace"):
    def publish(counts, epsilon, random):
        size = len(counts) if shape is None else shape
        return np.asarray(counts) + getattr(random, draw)(scale=scale(len(counts), epsilon), size=size)

    return publish


def test_private_counts():
    right = noisy(lambda m, epsilon: m / epsilon)
    assert exercises.check_private_counts(right).right
    assert exercises.check_private_counts(lambda *some: right(*some).tolist()).right
    assert exercises.check_private_counts(
        lambda c, e, r: [n + r.laplace(0, 1 / (e / len(c))) for n in c]
    ).right  # split over the counts
    assert exercises.check_private_counts(lambda *some: right(*some).round().astype(int)).right  # as in the table
    fixed = np.random.default_rng
    for wrong, hint in (
        (noisy(lambda m, e: 1 / e), "split ε"),
        (noisy(lambda m, e: m / e / 2), "half of what is needed"),
        (lambda *some: noisy(lambda m, e: m / e / 2)(*some).round(), "half of what is needed|the scale should be"),
        (lambda c, e, r: r.laplace(scale=len(c) / e, size=len(c)), "Add it to the counts"),
        (lambda c, e, r: right(c, e, r).clip(min=0), "cut off below 0"),
        (noisy(lambda m, e: 1.3 * m / e), "For 1 count and"),
        (noisy(lambda m, e: m * e), "turn the fraction|multiply by ε|half of what"),
        (noisy(lambda m, e: e / m), "turn the fraction|multiply by ε"),
        (noisy(lambda m, e: m / e, shape=1), "same noise"),
        (noisy(lambda m, e: math.sqrt(2) * m / e, draw="normal"), "shape is not Laplace"),
        (lambda c, e, r: c, "no noise"),
        (lambda c, e, r: right(c, e, fixed(0)), "same noise: use the generator"),
        (lambda c, e, r: c.sum(), "the shape is"),
        (lambda c, e, r: None, "return"),
        (lambda c, e, r: np.round(right(c, e, r) / 50) * 50, "no noise"),
    ):
        verdict = exercises.check_private_counts(wrong)
        assert not verdict.right
        assert any(part in verdict.message for part in hint.split("|")), (hint, verdict.message)


def test_largest_epsilon():
    log_odds = lambda p: math.log((1 - p) / p)  # noqa: E731
    for same in (
        log_odds,
        lambda p: -math.log(p / (1 - p)),
        lambda p: np.log(1 / p - 1),
        lambda p: torch.tensor(log_odds(p)),
    ):
        assert exercises.check_largest_epsilon(same).right
    for wrong, hint in (
        (lambda p: (1 - p) / p, "logarithm"),
        (lambda p: -log_odds(p), "sign"),
        (lambda p: math.log(0.5 / p), "odds that do"),
        (lambda p: math.log10((1 - p) / p), "natural"),
        (lambda p: math.log(1 / p), "p / (1 − p)"),
        (lambda p: 1.386, "It should be 50 %"),
        (lambda p: math.log(4), "It should be 50 %"),
        (lambda p: round(log_odds(p), 2), "Do not round"),
        (lambda p: [1], "One number"),
        (lambda p: math.inf, "finite"),
    ):
        verdict = exercises.check_largest_epsilon(wrong)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def test_noise_left():
    assert exercises.check_noise_left(lambda b, n: math.sqrt(2 / n) * b).right
    assert exercises.check_noise_left(lambda b, n: np.float32(2**0.5 * b / n**0.5)).right
    for wrong, hint in (
        (lambda b, n: b / math.sqrt(n), "√2"),
        (lambda b, n: math.sqrt(2) * b / n, "1/√n"),
        (lambda b, n: 2 * b**2 / n, "variance"),
        (lambda b, n: math.sqrt(2 * b / n), "*square*"),
        (lambda b, n: 1.01 * math.sqrt(2 * b**2 / n), "roughly"),
        (lambda b, n: math.sqrt(2) * b, "one message"),
        (lambda b, n: math.sqrt(2 * n) * b, "sum"),
        (lambda b, n: 0.35, "should be"),
    ):
        verdict = exercises.check_noise_left(wrong)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def choose(names=defences.ATTACKERS, least=0.85, score=None):
    def answer(grid):
        kept = grid[grid["accuracy"] >= least]
        of_cell = kept[[f"{name}_found" for name in names]].max(axis=1) if score is None else score(kept)
        best = kept.loc[of_cell.idxmin()]
        return best["when"], best["noise"], best["nopeek"]

    return answer


def by_place(grid):
    kept = grid[grid["accuracy"] >= 0.85]
    best = grid.iloc[kept[[f"{name}_found" for name in defences.ATTACKERS]].max(axis=1).argmin()]
    return best["when"], best["noise"], best["nopeek"]


def test_choose_cell():
    grid = defences.read_grid()
    assert exercises.check_choose_cell(choose(), grid).right
    assert exercises.check_choose_cell(lambda grid: list(choose()(grid)), grid).right
    for wrong, hint in (
        (choose(["unaware"]), "does not know"),
        (choose(least=0), "under 85 %"),
        (choose(least=85), "85 % is 0.85"),
        (by_place, "On another grid"),
        (choose(["informed"]), "averages sixteen"),
        (choose(score=lambda kept: -kept["averaging_found"]), "smallest"),
        (choose(score=lambda kept: kept["accuracy"]), "largest of the three"),
        (lambda grid: 0.4, "three values"),
        (lambda grid: choose()(defences.read_grid()), "largest of the three"),  # one answer for every grid
    ):
        verdict = exercises.check_choose_cell(wrong, grid)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def pairs(members, strangers):
    return ((members[:, None] < strangers) + 0.5 * (members[:, None] == strangers)).mean()


def test_auc():
    from sklearn.metrics import roc_auc_score

    def by_library(members, strangers):
        return roc_auc_score([1] * len(members) + [0] * len(strangers), -np.concatenate([members, strangers]))

    assert exercises.check_auc(pairs).right and exercises.check_auc(by_library).right
    for wrong, hint in (
        (lambda m, s: 1 - pairs(m, s), "wrong way round"),
        (lambda m, s: 100 * pairs(m, s), "per cent"),
        (lambda m, s: (m[:, None] < s).mean(), "one half"),
        (lambda m, s: (m[: len(s)] < s[: len(m)]).mean(), "each stranger"),
        (lambda m, s: (m < s).mean(), "each stranger"),
        (lambda m, s: m.mean() < s.mean(), "should be"),
        (lambda m, s: m[:, None] < s, "One number"),
    ):
        verdict = exercises.check_auc(wrong)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def test_recommendation_says_what_each_choice_leaves_open():
    good = {"cloud": "filled up", "counts": "one table, ε = 1 in all", "forms": "read on the phone"}
    verdict = exercises.check_recommendation(good)
    assert verdict.right and verdict.message.count(": ") >= 3 and "queries" in verdict.message
    for change, hint in (
        ({"cloud": "randomised"}, "length of a cell"),
        ({"cloud": "deterministic"}, "equal cells"),
        ({"cloud": "keyed pseudonym"}, "does not bring"),
        ({"counts": "none under 100"}, "differ by one person"),
        ({"counts": "one table a year, ε = 1 each"}, "71 %"),
        ({"counts": "ε = 1 for each question"}, "averaged away"),
        ({"forms": "noise 2 in training"}, "averages sixteen"),
        ({"forms": "noise 2 in training"}, "one message"),
        ({"forms": "NoPeek 1"}, "correlation halves"),
        ({"forms": "DP-SGD"}, "trained the network"),
        ({"forms": "hope"}, "choose one of"),
    ):
        verdict = exercises.check_recommendation(good | change)
        assert not verdict.right and hint in verdict.message, (change, verdict.message)
    assert "no choice yet for: forms" in exercises.check_recommendation({"cloud": "filled up", "counts": "x"}).message
