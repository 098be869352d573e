"""The character model: its windows, training, likelihoods, ranks, completion, order, and DP-SGD for messages."""

import copy
import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from helpers.text import data
from helpers.text import language_model as lm

FEW = data.chats(40)


@pytest.fixture(scope="module")
def small():
    """A model that has read 40 chats and Iona's, many times."""
    torch.manual_seed(0)
    model = lm.CharacterModel()
    list(lm.train(model, FEW + [data.CHAT], passes=120))
    return model


def plainly(model, prompt, text):
    """The log-likelihood of a text after a prompt, a character at a time."""
    total = 0.0
    for place in range(len(text)):
        seen = (lm.END * lm.WINDOW + prompt + text[:place])[-lm.WINDOW :]
        windows = torch.tensor([[lm.CHARACTERS.index(character) for character in seen]])
        total += model(windows).log_softmax(dim=1)[0, lm.CHARACTERS.index(text[place])].item()
    return total


def test_windows_are_what_stands_before_each_character():
    windows, following, owner = lm.windows_of(["my pin", "a"], [4, 0])
    shown = ["".join(lm.CHARACTERS[i] for i in window).strip(lm.END) for window in windows]
    assert windows.shape == (3, lm.WINDOW) and shown == ["my p", "my pi", ""]
    assert [lm.CHARACTERS[i] for i in following] == ["i", "n", "a"] and owner.tolist() == [0, 0, 1]
    assert len(lm.windows_of(["my pin"], 6)[0]) == 0
    assert torch.equal(lm.windows_of(["my pin"], 2)[0], lm.windows_of(("my pin",), [2.0])[0])


TEXTS = st.text(lm.CHARACTERS[1:], min_size=1, max_size=60)


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6), st.text(lm.CHARACTERS[1:], max_size=60))
def test_likelihoods_are_those_of_a_character_at_a_time(candidates, prompt):
    torch.manual_seed(0)
    model = lm.CharacterModel()
    found = lm.log_likelihoods(model, prompt, candidates)
    assert found == pytest.approx([plainly(model, prompt, text) for text in candidates], rel=1e-4)


def test_the_probabilities_of_all_pins_are_those_of_the_model(small):
    likely = lm.log_likelihoods(small, data.PROMPT)
    assert likely.shape == (10_000,) and 0 < np.exp(likely).sum() <= 1.0001
    for pin in (0, 2709, 9999):
        assert likely[pin] == pytest.approx(plainly(small, data.PROMPT, f"{pin:04d}"), rel=1e-4)


def test_what_was_read_often_is_ranked_first_and_completed(small):
    assert lm.rank(lm.log_likelihoods(small, data.PROMPT), 2709) == 1
    assert lm.complete(small, data.PROMPT) == "2709."
    assert lm.complete(small, data.PROMPT, longest=2) == "27"
    torch.manual_seed(0)
    assert lm.rank(lm.log_likelihoods(lm.CharacterModel(), data.PROMPT), 2709) > 10
    assert lm.losses(small, FEW).mean() < 0.2 < lm.losses(small, data.chats(40, seed=1)).mean()


def test_training_yields_passes_of_falling_loss_and_can_be_stopped():
    torch.manual_seed(0)
    model = lm.CharacterModel()
    losses = list(itertools.islice(lm.train(model, FEW, passes=100), 5))
    assert losses[-1] < losses[0] < math.log(len(lm.CHARACTERS)) + 0.5
    assert lm.losses(model, FEW).mean() < losses[0]
    assert list(lm.train(model, FEW, passes=0)) == []


def test_the_same_seed_gives_the_same_model():
    def once(seed):
        torch.manual_seed(0)
        model = lm.CharacterModel()
        return list(lm.train(model, FEW, passes=2, seed=seed))

    assert once(1) == once(1) != once(2)


def test_losses_are_means_over_characters_and_the_end(small):
    expected = [-plainly(small, "", text + lm.END) / (len(text) + 1) for text in FEW[:3]]
    assert lm.losses(small, FEW[:3]) == pytest.approx(expected, rel=1e-4)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30), st.data())
def test_a_rank_counts_what_is_at_least_as_likely(values, drawn):
    place = drawn.draw(st.integers(0, len(values) - 1))
    assert lm.rank(values, place) == sum(value >= values[place] for value in values)


def test_ties_count_against_the_attacker_and_a_guess_has_little_exposure():
    assert lm.rank(np.zeros(10_000), 2709) == 10_000 and lm.exposure(10_000) == 0
    assert lm.exposure(1) == pytest.approx(13.288, abs=1e-3) and lm.exposure(2, 8) == 2
    assert np.mean([lm.exposure(rank) for rank in range(1, 10_001)]) == pytest.approx(1.44, abs=0.005)


def test_a_message_is_put_back_into_order(small):
    pieces = ["2709", " is", " my", " name", " pin", " is", " and", " iona", " my", " quillfeather", " ", "."]
    assert lm.in_order(small, pieces) == data.CHAT
    assert lm.in_order(small, pieces[::-1]) == data.CHAT
    assert lm.in_order(small, ["a"], width=1) == "a"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text("ab 1.", min_size=1, max_size=4), min_size=1, max_size=6))
def test_an_order_has_all_pieces_once(pieces):
    torch.manual_seed(0)
    found = lm.in_order(lm.CharacterModel(), pieces, width=2)
    orders = {"".join(order).strip() for order in itertools.permutations(pieces)}
    assert "".join(found.split()) in {"".join(order.split()) for order in orders}


def one_by_one(model, texts, clip):
    """The sum of clipped gradients, a text at a time."""
    total = [torch.zeros_like(parameter) for parameter in model.parameters()]
    for text in texts:
        windows, following, _ = lm.windows_of([text])
        loss = torch.nn.functional.cross_entropy(model(windows), following)
        gradient = torch.autograd.grad(loss, list(model.parameters()))
        length = sum((part**2).sum() for part in gradient).sqrt()
        for so_far, part in zip(total, gradient, strict=True):
            so_far += part * min(1, clip / length)
    return total


@pytest.mark.parametrize("clip", [0.05, 1e6])
def test_clipped_gradients_are_those_of_a_loop(small, clip):
    texts = FEW[:7] + ["a"] + FEW * 2  # of many lengths, and more than one chunk
    found = lm.clipped_gradients(small, texts, clip)
    for a, b in zip(found, one_by_one(small, texts, clip), strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-5)
    assert all((part == 0).all() for part in lm.clipped_gradients(small, [], clip))


def test_one_message_changes_the_sum_by_at_most_the_clip(small):
    with_it, without = (lm.clipped_gradients(small, some, 0.01) for some in (FEW[:9], FEW[:8]))
    assert sum(((a - b) ** 2).sum() for a, b in zip(with_it, without, strict=True)).sqrt() <= 0.01 * 1.001


def test_dp_sgd_adds_noise_of_the_stated_size(monkeypatch):
    torch.manual_seed(0)
    model, seen = lm.CharacterModel(), []
    monkeypatch.setattr(lm.Adam, "step", lambda self: seen.append(model.layers[0].weight.grad.clone()))
    lm.train_dp_sgd(model, FEW, noise_multiplier=2.0, rate=1e-9, steps=1, clip=0.5)  # the batch is empty
    assert kstest(seen[0].flatten()[:20_000].numpy() * 1e-9 * 40, "norm", args=(0, 2.0 * 0.5)).pvalue > 1e-4


def test_dp_sgd_learns_without_noise_and_less_with():
    torch.manual_seed(0)
    quiet = lm.CharacterModel()
    noisy, start = copy.deepcopy(quiet), lm.losses(quiet, FEW).mean()
    lm.train_dp_sgd(quiet, FEW, noise_multiplier=0, rate=0.5, steps=20)
    lm.train_dp_sgd(noisy, FEW, noise_multiplier=5, rate=0.5, steps=20)
    assert lm.losses(quiet, FEW).mean() < 0.8 * start
    assert lm.losses(quiet, FEW).mean() < lm.losses(noisy, FEW).mean()


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda m: lm.log_likelihoods(m, "my name is Iona"), r"prompt must be written in .* there is 'I' too"),
        (lambda m: lm.log_likelihoods(m, "", ["café"]), "candidates must be written in .* there is 'é' too"),
        (lambda m: lm.log_likelihoods(m, "", ["a", ""]), "an empty one is among them"),
        (lambda m: lm.complete(m, "naïve"), "prompt must be written in"),
        (lambda m: lm.losses(m, ["日"]), "messages must be written in"),
        (lambda m: list(lm.train(m, ["A"])), "messages must be written in .*text.lower"),
        (lambda m: lm.losses(None, ["a"]), "model must be a CharacterModel, but None"),
        (lambda m: lm.in_order(m, []), "pieces must hold at least one text"),
        (lambda m: lm.windows_of(["abc"], 4), "none above the length of its text"),
        (lambda m: lm.windows_of(["abc"], 1.5), "known must be whole numbers"),
        (lambda m: lm.rank([1.0, 2.0], 2), "place must be a whole number at least 0 and at most 1"),
        (lambda m: lm.rank([1.0, float("nan")], 0), "missing or infinite"),
        (lambda m: lm.exposure(0), "rank must be a finite number at least 1"),
        (lambda m: lm.exposure(11, 10), "at most 10, but 11"),
        (lambda m: lm.train_dp_sgd(m, ["a"], clip=0), "clip must be a finite number above 0"),
        (lambda m: lm.train_dp_sgd(m, ["a"], rate=1.5), "rate must be a finite number above 0 and at most 1"),
    ],
)
def test_the_sentence_names_what_is_amiss(small, work, words):
    with pytest.raises((TypeError, ValueError), match=words):
        work(small)


def test_an_empty_prompt_is_the_start_of_a_message_and_a_long_one_is_cut(small):
    assert lm.log_likelihoods(small, "", ["m", "q"])[0] > lm.log_likelihoods(small, "", ["m", "q"])[1]
    long = "hello. " * 50 + data.PROMPT
    assert np.array_equal(lm.log_likelihoods(small, long), lm.log_likelihoods(small, long[-lm.WINDOW :]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_pin_written_once_is_ranked_first_and_one_never_written_is_not(seed):
    chats, ranks = data.chats(2000, seed), []
    for texts in (chats, chats + [data.CHAT]):
        torch.manual_seed(seed)
        model = lm.CharacterModel()
        list(lm.train(model, texts, seed=seed))
        ranks.append(lm.rank(lm.log_likelihoods(model, data.PROMPT), 2709))
    assert ranks[1] == 1 and ranks[0] > 50
