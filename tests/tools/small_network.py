"""A trained SplitNN with few digits and letters: quick, and real enough for attacks to work. And a stop button."""

from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def small():
    """Has model, digits_x, digits_y, test_x, test_y, letters_x."""
    import torch

    from helpers import inversion

    digits = inversion.data.digits()
    torch.manual_seed(0)
    some = SimpleNamespace(model=inversion.SplitNN())
    some.digits_x, some.digits_y = digits.client.tensors(1500)
    some.test_x, some.test_y = digits.test.tensors(300)
    some.letters_x, _ = inversion.data.letters(3000).tensors()
    inversion.train_classifier(some.model, some.digits_x, some.digits_y, epochs=5)
    return some


def stop_after(monkeypatch, name, calls):
    """Press the stop button at the given call of a loss function."""
    from torch import nn

    real, count = getattr(nn.functional, name), iter(range(1, 10_000))

    def loss(*args):
        if next(count) == calls:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(nn.functional, name, loss)
