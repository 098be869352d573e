"""A network that is split between a device and a server.

The set-up is that of T. Titcombe, A. Hall, P. Papadopoulos, D. Romanini, *Practical Defences Against Model Inversion
Attacks for Split Neural Networks*, 2021, arXiv 2104.05743, with dense layers in place of their convolutions.
"""

import torch
from torch import nn

# Where a network can be cut in two, from the picture towards the answer.
CUTS = ("before the ReLU", "first ReLU", "second ReLU", "logits", "probabilities")


def check_pictures(pictures):
    """Raise an error that says what to do unless ``pictures`` are what the networks take.

    pictures: float tensor, shape (n, 784) with n at least 1, from -1 to 1. Raises TypeError for another type,
    ValueError for another shape, range or for NaN.
    """
    if not isinstance(pictures, torch.Tensor) or not pictures.is_floating_point():
        given = pictures.dtype if isinstance(pictures, torch.Tensor) else type(pictures).__name__
        raise TypeError(
            f"Pictures must be a float tensor, but {given} was given. torch.from_numpy(data.scale(pixels)) makes one."
        )
    if pictures.ndim != 2 or pictures.shape[1] != 784 or len(pictures) == 0:
        raise ValueError(
            f"Pictures must have shape (n, 784) with n at least 1, but {tuple(pictures.shape)} was given. "
            "One picture of shape (784,) becomes a batch with picture[None]."
        )
    low, high = (float(value) for value in pictures.detach().aminmax())
    if not (low >= -1.001 and high <= 1.001):  # also true for NaN
        raise ValueError(
            f"Pixels must lie between -1 (paper) and 1 (ink), but range from {low:.3g} to {high:.3g}. "
            "data.scale(pixels) brings uint8 pixels into that range."
        )


def check_activations(activations, width=None):
    """Raise an error that says what to do unless ``activations`` fit ``width`` numbers a message.

    activations: finite float tensor, shape (n, width) with n at least 1. width: None if any will do. Raises
    TypeError for another type, ValueError for another shape or for NaN.
    """
    if not isinstance(activations, torch.Tensor) or not activations.is_floating_point():
        given = activations.dtype if isinstance(activations, torch.Tensor) else type(activations).__name__
        raise TypeError(f"Activations must be a float tensor, but {given} was given.")
    if activations.ndim != 2 or len(activations) == 0 or width not in (None, activations.shape[1]):
        raise ValueError(
            f"Activations must have shape (n, {width or 'width'}) with n at least 1, "
            f"but {tuple(activations.shape)} was given. Every attacker fits one cut: train a new one for another."
        )
    if not activations.isfinite().all():
        raise ValueError("Activations must be finite, but some are NaN or infinite.")


class SplitNN(nn.Module):
    """A digit classifier in two parts: the first runs on the data holder's device.

    first_part: Linear(784, 500) and ReLU. second_part: Linear(500, 500), ReLU and Linear(500, 10). What the first
    part returns is all that crosses the wire.
    """

    def __init__(self):
        super().__init__()
        self.first_part = nn.Sequential(nn.Linear(784, 500), nn.ReLU())
        self.second_part = nn.Sequential(nn.Linear(500, 500), nn.ReLU(), nn.Linear(500, 10))

    def forward(self, pictures):
        """Logits, shape (n, 10), for pictures of shape (n, 784) from -1 to 1. Raises as check_pictures does.

        Not probabilities: CrossEntropyLoss applies the softmax itself.
        """
        check_pictures(pictures)
        return self.second_part(self.first_part(pictures))

    @torch.no_grad()
    def sent(self, pictures, cut="first ReLU"):
        """What the device sends if the network is cut there.

        pictures: shape (n, 784), from -1 to 1. cut: one of CUTS. Returns a tensor of shape (n, 500), or (n, 10) for
        the last two cuts. Raises ValueError for an unknown cut, and as check_pictures does.
        """
        check_pictures(pictures)
        if cut not in CUTS:
            raise ValueError(f"There is no cut {cut!r}. The cuts are: {', '.join(map(repr, CUTS))}.")
        relu = nn.ReLU(inplace=True)  # half the memory on 100,000 pictures
        steps = [self.first_part[0], relu, self.second_part[:2], self.second_part[2], nn.Softmax(dim=1)]
        for step in steps[: CUTS.index(cut) + 1]:
            pictures = step(pictures)
        return pictures


@torch.no_grad()
def accuracy(model, pictures, labels):
    """The share of pictures that ``model`` classifies right, from 0 to 1."""
    return (model(pictures).argmax(dim=1) == labels).float().mean().item()


def train_classifier(model, pictures, labels, epochs=15, seed=0, loss_of=None):
    """Train ``model``, in place, to name digits: Adam at 1e-3, batches of 64.

    pictures: shape (n, 784), from -1 to 1. labels: integers, shape (n,). seed: of the order of the batches.
    loss_of: function from a batch's pictures and labels to its loss; cross-entropy unless told.
    Returns the mean loss of each epoch. Stopped early (KeyboardInterrupt), the model keeps what it has learned, and
    the losses so far come back. Raises TypeError or ValueError as check_pictures does, ValueError
    for labels of another length.
    """
    check_pictures(pictures)
    if labels.shape != (len(pictures),):
        raise ValueError(f"{len(pictures)} pictures need as many labels, but their shape is {tuple(labels.shape)}.")
    loss_of = loss_of or (lambda x, y: nn.functional.cross_entropy(model(x), y))
    history, total, seen = [], 0.0, 0
    try:
        steps = learn(model, lambda some: loss_of(pictures[some], labels[some]), len(pictures), epochs, seed=seed)
        for batch, loss in steps:
            total, seen = total + loss.item() * len(batch), seen + len(batch)
            if seen == len(pictures):
                history.append(total / seen)
                total, seen = 0.0, 0
    except KeyboardInterrupt:
        print(f"Stopped after {len(history)} of {epochs} epochs. The model keeps what it has learned.")
    return history


def learn(network, loss_of, n, epochs, batch_size=64, learning_rate=1e-3, seed=0):
    """Train ``network``, in place, with Adam: each epoch goes through all n examples in a random order.

    loss_of: function from the places of a batch, among 0 to n - 1, to its loss.
    The order is that of ``seed``. Yields, for each batch learned from, its places and its loss.
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate, fused=True)
    order, device = torch.Generator().manual_seed(seed), next(network.parameters()).device
    for _ in range(epochs):
        for batch in torch.randperm(n, generator=order).to(device).split(batch_size):
            loss = loss_of(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield batch, loss
