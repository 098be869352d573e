"""The scores of a reconstruction: of perfect copies, of opposites, of guesses."""

import pytest
import torch

from helpers import inversion


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


def test_a_copy_in_a_slightly_wrong_place_scores_worse_than_a_guess(small):
    moved = torch.nn.functional.pad(small.test_x.reshape(-1, 28, 28), (2, 0, 2, 0), value=-1)[:, :28, :28]
    moved, guess = moved.reshape(-1, 784), small.digits_x.mean(0).expand_as(small.test_x)
    assert (inversion.ssim(small.test_x, moved) < 0.3).float().mean() > 0.75
    assert inversion.mse(small.test_x, moved).mean() > inversion.mse(small.test_x, guess).mean()
