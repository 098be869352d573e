"""A network that is split between a device and a server.

The set-up is that of T. Titcombe, A. Hall, P. Papadopoulos, D. Romanini, *Practical Defences Against Model Inversion
Attacks for Split Neural Networks*, 2021, arXiv 2104.05743: ConvSplitNN is their network, SplitNN has dense layers in
place of their convolutions.
"""

import torch
from torch import nn

from .. import inputs
from ..optimizer import Adam
from ..progress import bar

AT_ONCE = 2048  # pictures that stand in memory as floats at a time, where there are very many

# Where a SplitNN can be cut in two, from the picture towards the answer.
CUTS = ("before the ReLU", "first ReLU", "second ReLU", "logits", "probabilities")


MADE = "data.digits().client.pictures() and data.letters().pictures() give some, and their labels."


class Pictures:
    """Very many pictures: bytes, a quarter of the memory of floats, until some are taken.

    pixels: uint8 tensor, shape (n, 784) with n at least 1, 0 (paper) to 255 (ink). data.Images.pictures makes them.
    pictures[:64], pictures[rows] and the parts of pictures.split(64) are float tensors from -1 to 1, as data.scale
    gives them; pictures[:] is all of them. Whatever takes a tensor of pictures in this lesson takes these, too.
    """

    def __init__(self, pixels, dtype=torch.float32):
        if not isinstance(pixels, torch.Tensor) or pixels.dtype != torch.uint8:
            raise TypeError(f"Pictures hold a uint8 tensor, but {inputs.described(pixels)} was given. {MADE}")
        if pixels.ndim != 2 or pixels.shape[1] != 784 or len(pixels) == 0:
            raise ValueError(f"Pictures need shape (n, 784) with n at least 1, but got {tuple(pixels.shape)}. {MADE}")
        self.pixels, self.dtype, self.shape, self.device = pixels, dtype, pixels.shape, pixels.device

    def __len__(self):
        return len(self.pixels)

    def __repr__(self):
        return f"{len(self):,} pictures of 784 pixels, as bytes; [:] makes them floats from -1 (paper) to 1 (ink)"

    def __getitem__(self, rows):
        taken = self.pixels[rows].float()
        # Divided by a tensor: by a number, a GPU would multiply with its inverse, and the last bit would differ.
        return taken.div_(taken.new_tensor(127.5)).sub_(1).to(self.dtype)

    def split(self, size):
        """Float tensors of ``size`` pictures each, one at a time; the last may hold fewer."""
        size = inputs.whole("size", size, 1)
        return (self[first : first + size] for first in range(0, len(self), size))

    def mean(self, dim):
        """The mean picture, shape (784,), as a tensor's mean over dim 0."""
        inputs.choice("dim", dim, (0,))
        return mean_picture(self)

    def to(self, like):
        """The same pictures on the device of the tensor ``like``; they will be taken in its dtype."""
        return Pictures(self.pixels.to(like.device), like.dtype)


def check_pictures(pictures):
    """``pictures`` as floats, if they are what the networks take, or an error that says what to do.

    pictures: float tensor, shape (n, 784) with n at least 1, from -1 to 1; or Pictures. Raises TypeError for another
    type, ValueError for another shape, range or for NaN.
    """
    if isinstance(pictures, Pictures):
        return pictures[:]
    hint = "torch.from_numpy(data.scale(pixels)) makes them of uint8 pixels; picture[None] is a batch of one picture."
    pictures = check_activations(pictures, 784, "Pictures", hint)
    low, high = (float(value) for value in pictures.detach().aminmax())
    if low < -1.001 or high > 1.001:
        raise ValueError(f"Pixels must lie from -1 (paper) to 1 (ink), but run from {low:.3g} to {high:.3g}. {hint}")
    return pictures


def check_many(pictures):
    """As check_pictures, but Pictures stay bytes: for whoever takes some at a time."""
    return pictures if isinstance(pictures, Pictures) else check_pictures(pictures)


def mean_picture(pictures):
    """The mean, shape (784,), of pictures as check_many takes them: summed some at a time, in double precision."""
    pictures = check_many(pictures)
    total = sum(some.sum(dim=0, dtype=torch.float64) for some in pictures.split(AT_ONCE))
    return (total / len(pictures)).to(pictures.dtype)


def check_activations(
    given, width=None, name="Activations", hint="Every attacker fits one cut: train a new one for another."
):
    """Activations, in single or double precision, if they fit ``width`` numbers a message (None: any width).

    given: finite float tensor, shape (n, width) with n at least 1. Raises as check_pictures does.
    """
    given, width = floats(name, given, hint), width if width is None else inputs.whole("width", width, 1)
    if given.ndim != 2 or 0 in given.shape or width not in (None, given.shape[1]):
        needed = f"{name} must have shape (n, {width or 'width'}) with n at least 1"
        raise ValueError(f"{needed}, but {tuple(given.shape)} was given. {hint}")
    if not torch.stack(given.detach().aminmax()).isfinite().all():  # without a copy: they may be very many
        raise ValueError(f"{name} must be finite, but some numbers are NaN or infinite.")
    return given


def floats(name, given, hint=""):
    """A tensor of floats, in single or double precision, also of Pictures. Raises TypeError for anything else."""
    if isinstance(given, Pictures):
        return given[:]
    if not isinstance(given, torch.Tensor) or not given.is_floating_point():
        kind = getattr(given, "dtype", type(given).__name__)
        raise TypeError(f"{name} must be a float tensor, but {kind} was given. {hint}".strip())
    return given.float() if given.element_size() < 4 else given  # sums of half precision overflow


def check_labels(labels, n, most=torch.inf, device="cpu"):
    """Whole numbers from 0 to ``most``, one for each of n pictures, in any usual form, as a tensor."""
    name = f"The labels of {n} pictures"
    values = torch.tensor(inputs.array(name, labels, (n,), 0, most))
    if len(fractions := values[values != values.round()]):
        raise ValueError(f"{name} must be whole numbers, but {float(fractions[0])} is among them.")
    return values.long().to(device)


def check_layer(layer):
    """``layer``, if it is the Linear(784, …) with which a SplitNN begins. Raises TypeError otherwise."""
    if not isinstance(layer, nn.Linear) or layer.in_features != 784:
        given = layer if isinstance(layer, nn.Linear) else inputs.described(layer)
        raise TypeError(f"A SplitNN's Linear(784, …) is needed, which a ConvSplitNN lacks, but {given} was given.")
    return layer


def check_kind(name, given, kind=nn.Module):
    """``given``, if it is a network (or another ``kind``). Raises TypeError otherwise."""
    if not isinstance(given, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, but {inputs.described(given)} was given.")
    return given


class SplitNN(nn.Module):
    """A digit classifier in two parts: the first runs on the data holder's device.

    first_part: Linear(784, 500) and ReLU. second_part: Linear(500, 500), ReLU and Linear(500, 10). What the first
    part returns is all that crosses the wire. cuts: where it can be cut instead, the second of them where it is.
    """

    cuts = CUTS
    at_once = AT_ONCE  # pictures that are sent in one go

    def __init__(self):
        super().__init__()
        self.first_part = nn.Sequential(nn.Linear(784, 500), nn.ReLU())
        self.second_part = nn.Sequential(nn.Linear(500, 500), nn.ReLU(), nn.Linear(500, 10))

    def forward(self, pictures):
        """Logits, shape (n, 10), for pictures of shape (n, 784) from -1 to 1. Raises as check_pictures does.

        Not probabilities: CrossEntropyLoss applies the softmax itself.
        """
        return self.second_part(self.first_part(check_pictures(pictures).to(next(self.parameters()))))

    @torch.no_grad()
    def sent(self, pictures, cut=None):
        """What the device sends if the network is cut there.

        pictures: shape (n, 784), from -1 to 1. cut: one of ``cuts``; the end of first_part unless told. Returns a
        tensor of shape (n, 500), or (n, 10) for the last two cuts; a ConvSplitNN gives 128 numbers at its third.
        Raises ValueError for an unknown cut, and as check_pictures does.
        """
        pictures = _for(self, pictures)  # double or half, on a GPU or not
        cut = inputs.choice("cut", self.cuts[1] if cut is None else cut, self.cuts)
        client, server = self.first_part, self.second_part
        steps = [client[:-1], client[-1], server[:2], server[2], nn.Softmax(dim=1)]
        through = nn.Sequential(*steps[: self.cuts.index(cut) + 1])
        sent, start = None, 0
        for some in pictures.split(self.at_once):
            part = through(some)
            # In place: joined in the end, all of them would stand in memory twice.
            sent = part.new_empty(len(pictures), part.shape[1]) if sent is None else sent
            sent[start : start + len(part)] = part
            start += len(part)
        return sent


class ConvSplitNN(SplitNN):
    """The network of the paper: two convolutions and a dense layer on the device, tanh at its end.

    first_part: two 3 × 3 convolutions of 32 and 64 channels with ReLU, max-pooling, Linear(9216, 500) and Tanh.
    second_part: Linear(500, 128), ReLU and Linear(128, 10). Theirs ends in a softmax; here it ends in logits.
    Everything else as SplitNN; what is sent lies between -1 and 1.
    """

    cuts = ("before the tanh", "tanh", "ReLU", "logits", "probabilities")
    at_once = 64  # 64 channels of 24 × 24 numbers each: larger batches leave the processor's cache

    def __init__(self):
        nn.Module.__init__(self)
        pictures = nn.Unflatten(1, (1, 28, 28))
        convolutions = nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
        self.first_part = nn.Sequential(pictures, *convolutions, nn.Linear(9216, 500), nn.Tanh())
        self.second_part = nn.Sequential(nn.Linear(500, 128), nn.ReLU(), nn.Linear(128, 10))
        self.to(memory_format=torch.channels_last)  # the same numbers in another order, which sends faster


@torch.no_grad()
def accuracy(model, pictures, labels):
    """The share of pictures that ``model`` classifies right, from 0 to 1. Raises as train_classifier does."""
    parts = _for(model, pictures).split(getattr(model, "at_once", AT_ONCE))
    said = torch.cat([model(some).argmax(dim=1) for some in parts])
    return (said == check_labels(labels, len(said), device=said.device)).float().mean().item()


def train_classifier(model, pictures, labels, epochs=15, seed=0, loss_of=None):
    """Train ``model``, in place, to name digits: Adam at 1e-3, batches of 64.

    pictures: shape (n, 784), from -1 to 1, or Pictures. labels: integers from 0 to 9, shape (n,). seed: of the order of
    the batches. loss_of: function from a batch's pictures and labels to its loss; cross-entropy unless told.
    Returns the mean loss of each epoch. Stopped early (KeyboardInterrupt), the model keeps what it has learned, and
    the losses so far come back. Raises TypeError or ValueError as check_pictures does, and for labels of another
    number or kind.
    """
    pictures = _for(model, pictures)
    labels = check_labels(labels, len(pictures), 9, pictures.device)
    loss_of = (lambda x, y: nn.functional.cross_entropy(model(x), y)) if loss_of is None else loss_of
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


def _for(model, pictures):
    """Pictures of the type, and on the device, of a network's weights; those held as bytes stay bytes."""
    return check_many(pictures).to(next(check_kind("model", model).parameters()))


def learn(network, loss_of, n, epochs, batch_size=64, learning_rate=1e-3, seed=0):
    """Train ``network``, in place, with Adam: each epoch goes through all n examples in a random order.

    loss_of: function from the places of a batch, among 0 to n - 1, to its loss.
    The order is that of ``seed``. Yields, for each batch learned from, its places and its loss.
    """
    n, epochs, seed = inputs.whole("n", n, 1), inputs.whole("epochs", epochs, 0), inputs.whole("seed", seed, 0)
    batch_size = inputs.whole("batch_size", batch_size, 1)
    if not callable(loss_of):
        raise TypeError(f"loss_of must be a function, but {inputs.described(loss_of)} was given.")
    optimizer = Adam(check_kind("network", network).parameters(), learning_rate)
    order, device = torch.Generator().manual_seed(seed), next(network.parameters()).device
    orders = (torch.randperm(n, generator=order).to(device) for _ in range(epochs))
    batches = (batch for places in orders for batch in places.split(batch_size))
    for batch in bar(batches, "batches learned", epochs * -(-n // batch_size)):
        loss = loss_of(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield batch, loss
    optimizer.zero_grad()  # or every trained network would keep its last gradients
