"""Tasks of notebook 5. Run them with ``python tests/benchmarks``."""

import numpy as np
import torch
from common import Work, task

from helpers import defences, inversion
from notebooks import compute_grid as grid

# Cells of the grid that share one client: the noise is added after its training.
CELLS = [("in training", 0.0, 0.5), *(("after training", noise, 0.5) for noise in (0.5, 1.0, 1.5, 2.0))]


@task("grid of noise and NoPeek, cells", "a client for each cell", (1, 3, 5))
def cells(n):
    client_x, client_y, letters, test_x, test_y, reader = grid.grid_data()

    def plain():
        rows = []
        for when, noise, weight in CELLS[:n]:
            model = grid.defended_client(
                grid.DefendedSplitNN, noise if when == "in training" else 0.0, weight, client_x, client_y
            )
            model.noise = noise
            torch.manual_seed(grid.SEED)
            if when == "after training":
                defences.retrain_server(model, client_x, client_y)
            rows.append(grid.measure(model, letters, test_x, test_y, reader)[0])
        return rows

    def same(rows, found):
        return all(np.allclose([row[name] for row in rows], found[0][name], atol=1e-3) for name in rows[0])

    return Work(lambda: grid.compute_grid(CELLS[:n]), plain, same)


@task("most probable pictures, messages", "one message after the other", (10, 100, 1_000))
def probable(n):
    data, letters = inversion.data.digits(), inversion.data.letters().tensors()[0]
    torch.manual_seed(0)
    layer, few = inversion.SplitNN().first_part[0], min(n, 5)
    messages = inversion.with_noise(layer(data.test.tensors()[0][:n]).relu().detach(), 1.0)

    def plain():
        return torch.cat([defences.most_probable(one[None], layer, 1.0, letters) for one in messages[:few]])

    def same(slow, found):
        return torch.allclose(slow, found[:few], atol=0.05)

    return Work(lambda: defences.most_probable(messages, layer, 1.0, letters), plain, same, share=few / n)


@task("clipped gradients, pictures", "a loop over pictures", (64, 250, 1_000))
def clipped(n):
    x, y = inversion.data.digits().client.tensors(n)
    torch.manual_seed(0)
    model = inversion.SplitNN()
    few = min(n, 100)

    def plain():
        total = [torch.zeros_like(weight) for weight in model.parameters()]
        for picture, label in zip(x[:few], y[:few], strict=True):
            loss = torch.nn.functional.cross_entropy(model(picture[None]), label[None])
            gradient = torch.autograd.grad(loss, list(model.parameters()))
            length = sum((part**2).sum() for part in gradient).sqrt()
            for so_far, part in zip(total, gradient, strict=True):
                so_far += part * min(1, 1 / length)
        return total

    def same(slow, _):
        return all(
            torch.allclose(a, b, atol=1e-3)
            for a, b in zip(slow, defences.clipped_gradients(model, x[:few], y[:few], 1), strict=True)
        )

    # Forward, and back to every weight and activation, but not to the pictures.
    flops = n * (6 * sum(parameter.numel() for parameter in model.parameters()) - 2 * 784 * 500)
    return Work(lambda: defences.clipped_gradients(model, x, y, 1), plain, same, share=few / n, flops=flops)
