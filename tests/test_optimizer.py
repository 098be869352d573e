"""The optimizer takes PyTorch's own steps, and leaves its compiler alone."""

import subprocess
import sys

import misuse
import pytest
import torch

from helpers import optimizer


def trained(make, dtype=torch.float32):
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(30, 20), torch.nn.ReLU(), torch.nn.Linear(20, 3)).to(dtype)
    unused = torch.ones(3, requires_grad=True)  # without a gradient
    steps = make([*network.parameters(), unused])
    for batch in torch.randn(320, 30, dtype=dtype).split(64):
        steps.zero_grad()
        network(batch).square().mean().backward()
        steps.step()
    return [*network.parameters(), unused]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda p: optimizer.Adam(p), lambda p: torch.optim.Adam(p, fused=True)),
        (lambda p: optimizer.Adam(p, 4e-3, weight_decay=0.01), lambda p: torch.optim.AdamW(p, lr=4e-3, fused=True)),
    ],
)
def test_steps_are_those_of_pytorch(ours, theirs, dtype):
    for mine, its in zip(trained(ours, dtype), trained(theirs, dtype), strict=True):
        assert torch.equal(mine, its)


def test_training_leaves_the_compiler_alone():
    train = (
        "import sys, torch; from helpers import inversion; x = torch.zeros(9, 784); "
        "inversion.train_classifier(inversion.SplitNN(), x, [1] * 9, epochs=1); "
        "print('torch._dynamo' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", train], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False"]


def test_bad_input_gets_a_sentence():
    good = {"parameters": [torch.ones(3, requires_grad=True)], "learning_rate": 0.1, "weight_decay": 0.0}
    takes = {"learning_rate": ["a fraction"], "weight_decay": ["a fraction"]}
    assert list(misuse.faults(optimizer.Adam, good, takes)) == []
