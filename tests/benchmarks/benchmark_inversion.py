"""How much faster than the lecture's code the attackers of notebook 3 are. Prints ratios of one run.

    python tests/benchmarks/benchmark_inversion.py

112,800 drawn letters are written as EMNIST "balanced" is stored, and both sides read them
from there. The lecture's side is its loop as printed: PIL transforms, DataLoader, batches
of 64, Adam at 1e-4, one pass. Takes about three minutes on two cores.
"""

import resource
import struct
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[2]))
from helpers import data, inversion, splitnn

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def timed(work, *args):
    start = time.perf_counter()
    result = work(*args)
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return result, time.perf_counter() - start


def write_emnist(folder, pixels):
    """Store pixels as torchvision expects EMNIST: IDX files, rows and columns exchanged."""
    raw = Path(folder) / "EMNIST" / "raw"
    raw.mkdir(parents=True)
    images, labels = pixels.transpose(0, 2, 1), np.full(len(pixels), 10, np.uint8)  # class 10 is the letter A
    header = struct.pack(">IIII", 0x803, len(images), 28, 28)
    (raw / "emnist-balanced-train-images-idx3-ubyte").write_bytes(header + images.tobytes())
    header = struct.pack(">II", 0x801, len(labels))
    (raw / "emnist-balanced-train-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


def lecture(model, folder):
    """The lecture's attacker, trained as its notebook prints it."""
    from torchvision import datasets, transforms

    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    letters = datasets.EMNIST(folder, split="balanced", train=True, transform=transform)
    loader = torch.utils.data.DataLoader(letters, batch_size=64, shuffle=True)
    torch.manual_seed(2)
    attacker = splitnn.Attacker().to(DEVICE)
    optimizer = torch.optim.Adam(attacker.parameters(), lr=1e-4)
    for pictures, _ in loader:
        # The lecture learns from letters that lie on their side; here they are upright on both sides.
        pictures = pictures.transpose(2, 3).reshape(len(pictures), -1).to(DEVICE)
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(attacker(model.sent(pictures)), pictures)
        loss.backward()
        optimizer.step()
    return attacker


def network(model, folder, steps):
    pixels = data.letters(steps * 64, full=True, folder=folder).pixels
    pictures = torch.from_numpy(data.scale(pixels)).to(DEVICE)
    torch.manual_seed(2)
    attacker = splitnn.Attacker().to(DEVICE)
    activations = model.sent(pictures)
    splitnn.train_attacker(attacker, activations, pictures, activations[:1], learning_rate=1e-3)
    return attacker


def ridge(model, folder, n=None):
    return inversion.fit_ridge_from_pixels(model, data.letters(n, full=True, folder=folder).pixels)


def full_path(folder):
    """Peak memory in GB of a process that reads all letters and fits both attackers."""
    model = splitnn.SplitNN().to(DEVICE)
    ridge(model, folder)
    network(model, folder, steps=1762)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main():
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {DEVICE}")
    digits = data.digits()
    client_x, reader_x, test_x = (torch.from_numpy(data.scale(part.pixels)).to(DEVICE) for part in digits)
    torch.manual_seed(1)
    model = splitnn.SplitNN().to(DEVICE)
    splitnn.train_classifier(model, client_x, torch.from_numpy(digits.client.labels).to(DEVICE))
    messages = model.sent(test_x)

    def error(redrawn):
        return inversion.mse(test_x, redrawn).mean().item()

    drawn, seconds = timed(data.letters, 20_000)
    print(f"20,000 letters drawn in {seconds:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        write_emnist(folder, np.concatenate([data.letters(28_200, seed=seed).pixels for seed in range(4)]))
        from torchvision import datasets  # noqa: F401  both sides need it: imported before the clock runs

        print(f"mean digit                          error {error(reader_x.mean(0).expand_as(test_x)):.3f}")
        weights, ridge_seconds = timed(ridge, model, folder)
        few, few_seconds = timed(ridge, model, folder, 30_000)
        attacker, lecture_seconds = timed(lecture, model, folder)
        lecture_error = error(attacker.redraw(messages))
        print(f"lecture's loop, one pass            error {lecture_error:.3f}   {lecture_seconds:6.1f} s     1.0x")
        for steps in range(300, 1763, 50):
            attacker, seconds = timed(network, model, folder, steps)
            if error(attacker.redraw(messages)) <= lecture_error:
                break
        print(
            f"network, at 1e-3, {steps} batches    error {error(attacker.redraw(messages)):.3f}   "
            f"{seconds:6.1f} s  {lecture_seconds / seconds:6.1f}x"
        )
        for n, line, seconds in ((" 30,000", few, few_seconds), ("112,800", weights, ridge_seconds)):
            lower = error(inversion.redraw_ridge(line, messages))
            ratio = lecture_seconds / seconds
            print(f"straight line, {n} letters      error {lower:.3f}   {seconds:6.1f} s  {ratio:6.1f}x")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            print(f"peak memory of a process that does all this: {fresh.submit(full_path, folder).result():.2f} GB")

    prior = inversion.picture_prior(torch.from_numpy(data.scale(drawn.pixels)).to(DEVICE))
    white_box, seconds = timed(lambda: inversion.redraw_posterior(messages, model.first_part[0], *prior))
    milliseconds = 1000 * seconds / len(test_x)
    print(f"weights known                       error {error(white_box):.3f}   {milliseconds:.2f} ms a picture")


if __name__ == "__main__":
    main()
