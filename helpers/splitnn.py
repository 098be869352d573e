"""A network that is split between a device and a server, and an attacker that listens.

The set-up is that of T. Titcombe, A. Hall, P. Papadopoulos, D. Romanini, *Practical
Defences Against Model Inversion Attacks for Split Neural Networks*, 2021,
arXiv 2104.05743, with dense layers in place of their convolutions.
"""

from typing import NamedTuple

import torch
from torch import nn

# Where a network can be cut in two, from the picture towards the answer.
CUTS = ("before the ReLU", "first ReLU", "second ReLU", "logits", "probabilities")


def check_pictures(pictures):
    """Raise an error that says what to do unless ``pictures`` are what the networks take.

    pictures: float tensor, shape (n, 784) with n at least 1, from -1 to 1.
    Raises TypeError for another type, ValueError for another shape, range or for NaN.
    """
    if not isinstance(pictures, torch.Tensor) or not pictures.is_floating_point():
        given = pictures.dtype if isinstance(pictures, torch.Tensor) else type(pictures).__name__
        raise TypeError(
            f"Pictures must be a float tensor, but {given} was given. "
            "torch.from_numpy(data.scale(pixels)) makes one."
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

    activations: finite float tensor, shape (n, width) with n at least 1. width: None if any will do.
    Raises TypeError for another type, ValueError for another shape or for NaN.
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

    first_part: Linear(784, 500) and ReLU. second_part: Linear(500, 500), ReLU and
    Linear(500, 10). What the first part returns is all that crosses the wire.
    """

    def __init__(self):
        super().__init__()
        self.first_part = nn.Sequential(nn.Linear(784, 500), nn.ReLU())
        self.second_part = nn.Sequential(nn.Linear(500, 500), nn.ReLU(), nn.Linear(500, 10))

    def forward(self, pictures):
        """Return logits, shape (n, 10), for pictures of shape (n, 784) from -1 to 1.

        Not probabilities: CrossEntropyLoss applies the softmax itself.
        Raises TypeError or ValueError as check_pictures does.
        """
        check_pictures(pictures)
        return self.second_part(self.first_part(pictures))

    @torch.no_grad()
    def sent(self, pictures, cut="first ReLU"):
        """What the device sends if the network is cut there.

        pictures: shape (n, 784), from -1 to 1. cut: one of CUTS.
        Returns a tensor of shape (n, 500), or (n, 10) for the last two cuts.
        Raises ValueError for an unknown cut, and as check_pictures does.
        """
        check_pictures(pictures)
        if cut not in CUTS:
            raise ValueError(f"There is no cut {cut!r}. The cuts are: {', '.join(map(repr, CUTS))}.")
        if cut == "before the ReLU":
            return self.first_part[0](pictures)
        if cut == "first ReLU":
            return self.first_part[0](pictures).relu_()  # in place: half the memory on 100,000 pictures
        if cut == "second ReLU":
            return self.second_part[:2](self.first_part(pictures))
        logits = self.second_part(self.first_part(pictures))
        return logits if cut == "logits" else logits.softmax(dim=1)


class Attacker(nn.Module):
    """The lecture's attacker: from activations back to a picture.

    Linear(width, 1000), ReLU, Linear(1000, 784). It never sees a private picture:
    it learns on pictures of its own, which it sends through the client.
    """

    def __init__(self, width=500):
        super().__init__()
        self.width = width
        self.layers = nn.Sequential(nn.Linear(width, 1000), nn.ReLU(), nn.Linear(1000, 784))

    def forward(self, activations):
        """Return pictures, shape (n, 784), for activations of shape (n, width).

        Raises TypeError or ValueError as check_activations does.
        """
        check_activations(activations, self.width)
        return self.layers(activations)

    @torch.no_grad()
    def redraw(self, activations):
        """Pictures, clamped to the range of ink and paper, with no gradient kept."""
        return self(activations).clamp(-1, 1)


@torch.no_grad()
def accuracy(model, pictures, labels):
    """The share of pictures that ``model`` classifies right, from 0 to 1."""
    return (model(pictures).argmax(dim=1) == labels).float().mean().item()


def train_classifier(model, pictures, labels, epochs=15, batch_size=64, learning_rate=1e-3, seed=0):
    """Train ``model``, in place, to name digits. Adam, cross-entropy.

    pictures: shape (n, 784), from -1 to 1. labels: integers, shape (n,).
    Returns the mean loss of each epoch. Stopped early (KeyboardInterrupt), the model
    keeps what it has learned, and the losses so far come back.
    Raises TypeError or ValueError as check_pictures does, ValueError for labels of another length.
    """
    check_pictures(pictures)
    if labels.shape != (len(pictures),):
        raise ValueError(f"{len(pictures)} pictures need as many labels, but their shape is {tuple(labels.shape)}.")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
    order = torch.Generator().manual_seed(seed)
    history = []
    try:
        for _ in range(epochs):
            total = 0.0
            for batch in batches(len(pictures), batch_size, order, pictures.device):
                loss = nn.functional.cross_entropy(model(pictures[batch]), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(batch)
            history.append(total / len(pictures))
    except KeyboardInterrupt:
        print(f"Stopped after {len(history)} of {epochs} epochs. The model keeps what it has learned.")
    return history


class Checkpoint(NamedTuple):
    """An attacker at one moment of its training.

    step: how many batches it has learned from. loss: mean squared error on the batch
    before this moment (None at step 0). redrawn: shape (m, 784), what it draws of the
    activations that it was told to watch.
    """

    step: int
    loss: float
    redrawn: torch.Tensor


def train_attacker(
    attacker, activations, pictures, watch, epochs=1, batch_size=64, learning_rate=1e-4, checkpoints=(), seed=0
):
    """Train ``attacker``, in place, to turn activations back into pictures. Adam, mean squared error.

    activations: shape (n, width). pictures: shape (n, 784), the attacker's own, that gave
    those activations. watch: activations, shape (m, width), redrawn at each checkpoint and
    never learned from. checkpoints: steps at which to redraw them; the first (0) and
    the last are always taken.

    Returns a list of Checkpoint. Stopped early (KeyboardInterrupt), the attacker keeps what
    it has learned, and the checkpoints so far come back.
    Raises TypeError or ValueError as check_pictures and check_activations do, ValueError
    when activations and pictures differ in number.
    """
    check_pictures(pictures)
    check_activations(activations, attacker.width)
    check_activations(watch, attacker.width)
    if len(activations) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures and {len(activations)} activations: each picture needs its own.")
    optimizer = torch.optim.Adam(attacker.parameters(), lr=learning_rate, fused=True)
    order = torch.Generator().manual_seed(seed)
    step, loss = 0, None
    taken = []

    @torch.no_grad()
    def take():
        taken.append(Checkpoint(step, None if loss is None else loss.item(), attacker.redraw(watch)))

    take()
    try:
        for _ in range(epochs):
            for batch in batches(len(pictures), batch_size, order, pictures.device):
                loss = nn.functional.mse_loss(attacker(activations[batch]), pictures[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                step += 1
                if step in checkpoints:
                    take()
    except KeyboardInterrupt:
        print(f"Stopped after {step} steps. The attacker keeps what it has learned.")
    if taken[-1].step != step:
        take()
    return taken


def lecture_attacker(activations, pictures, seed=2):
    """The lecture's attacker, trained: one pass, Adam at 1e-4, batches of 64.

    Arguments and errors are those of train_attacker. Returns an Attacker.
    """
    check_activations(activations)
    torch.manual_seed(seed)
    attacker = Attacker(activations.shape[-1]).to(activations.device)
    train_attacker(attacker, activations, pictures, watch=activations[:1])
    return attacker


def quick_attacker(activations, pictures, epochs=1, seed=2):
    """The lecture's network, given a fair chance: a much lower error than its settings reach, in fewer steps.

    It starts from what a guesser knows, the mean picture. It learns from how far activations are from
    their mean, with steps twenty times as long (Adam at 2e-3, batches of 128). The mean ends up in the
    first layer's constants, so that the attacker takes activations as they are sent.
    Arguments and errors are those of train_attacker. Returns an Attacker.
    Source: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, Efficient BackProp, 1998, section 4.3 (the means of inputs).
    """
    check_pictures(pictures)
    check_activations(activations)
    torch.manual_seed(seed)
    attacker = Attacker(activations.shape[-1]).to(activations.device)
    first, last = attacker.layers[0], attacker.layers[2]
    mean = activations.mean(dim=0)
    with torch.no_grad():
        last.bias.copy_(pictures.mean(dim=0))
    centred = activations - mean
    train_attacker(attacker, centred, pictures, centred[:1], epochs, batch_size=128, learning_rate=2e-3)
    with torch.no_grad():
        first.bias -= first.weight @ mean
    return attacker


def batches(n, size, generator, device):
    """The places 0 to n - 1 in random order, in tensors of ``size``; the last may be smaller."""
    return torch.randperm(n, generator=generator).to(device).split(size)
