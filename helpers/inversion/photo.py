"""A photograph or scan of one handwritten digit, brought into MNIST's form."""

import io
import os
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from .. import inputs

SIDE = 600  # pixels of the longer side while we work: enough for a digit that takes up a twentieth of the page
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")  # no EPS, for which Pillow would start Ghostscript
ONE_DIGIT = "Write one digit with a dark pen on empty paper, and leave paper on all sides."


class Photo(NamedTuple):
    """What each step makes of a photograph; height and width are those of the photograph, the longer one 600.

    grey: uint8, shape (height, width): upright, paper light and ink dark, whichever way it was.
    contrast: floats, the same shape: paper 0, black 1. Shadows are gone.
    ink: booleans, the same shape: the digit's strokes, without the page's lines and specks.
    picture: float32 tensor, shape (1, 784), from -1 (paper) to 1 (ink), as the networks take it.
    """

    grey: np.ndarray
    contrast: np.ndarray
    ink: np.ndarray
    picture: torch.Tensor


def photo(path):
    """Turn a photograph or scan of one handwritten digit into what the networks take.

    path: a file's path, a file opened with "rb", or its bytes. JPEG, PNG, WebP, GIF, BMP or TIFF, of any size up to
    Pillow's limit of 89 megapixels and any shape; grey, colour, palette, alpha or 16 bit; dark on light or light on
    dark. A page's lines are removed where they run from edge to edge.
    Returns a Photo, step by step; its last field is the picture.
    The form is that of Y. LeCun's MNIST: the digit fits 20 × 20 pixels, its centre of mass lies in the middle of
    28 × 28. Thin strokes are thickened to 2 of those pixels, since MNIST's pens are that wide.
    Raises TypeError for another kind of argument; ValueError for a missing file or one that is no picture, for no ink,
    several digits, ink up to the edge, something else than strokes, no empty paper around it, and a digit smaller
    than 12 pixels or a thirtieth of the picture. Not everything else is noticed, such as digits that touch, or a
    page's dark crease, which looks like a 1: look at the steps.
    """
    grey, zoom = _grey(_opened(path))
    if _is_light_on_dark(grey):
        grey = 255 - grey
    contrast = _contrast(grey)
    ink = _one_digit(_without_lines(_marked(contrast)))
    size = _size_of_digit(ink, contrast, zoom)
    return Photo(grey, contrast, ink, _like_mnist(ink, size))


def _content(path):
    """The bytes of a path, an opened file or bytes."""
    content = path
    if hasattr(path, "read"):
        try:
            content = path.read()
        except Exception:  # closed, opened without "rb" or for writing: each raises its own
            raise ValueError('This file cannot be read. Open it with "rb", and close it after photo.') from None
    elif isinstance(path, (str, os.PathLike)):
        name = os.fsdecode(path)
        try:
            if not (file := Path(name).expanduser()).is_file():
                raise FileNotFoundError
            content = file.read_bytes()
        except (OSError, RuntimeError):  # none, too long a name, not permitted; no such user after ~
            here = f"A path starts in the notebook's folder, {Path.cwd()}."
            raise ValueError(f"There is no file {name[:200]!r} that can be read. {here}") from None
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise TypeError(
            f'photo takes a path, a file opened with "rb", or its bytes, but {inputs.described(content)} was given. '
            'Uploaded bytes are upload.value[0]["content"] (ipywidgets 8) or list(files.upload().values())[0] (Colab).'
        )
    return content


def _opened(path):
    """The picture of a path, an opened file or bytes: upright; L, RGBA or F; a large one reduced."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    content = _content(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            picture.draft("L", (2 * SIDE, 2 * SIDE))
            ImageOps.exif_transpose(picture, in_place=True)
            return _reduced(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        limit = Image.MAX_IMAGE_PIXELS // 10**6
        raise ValueError(f"This picture has more than {limit} megapixels. Save it smaller, 1000 across.") from None
    except Exception as problem:  # Pillow's readers have many of their own for a broken file
        why = "" if isinstance(problem, UnidentifiedImageError) else f": {problem}"  # names only an object in memory
        form = "Save it as JPEG or PNG; HEIC of an iPhone, AVIF, JPEG 2000 and PDF are neither."
        raise ValueError(f"This is no picture that can be read{why}. {form}") from None


def _reduced(picture):
    """L, RGBA or, of 16 and 32 bit, F; 3 to 6 times SIDE if it was larger. In strips: a whole copy fills memory."""
    from PIL import Image

    deep = picture.mode[0] in "IF"  # which Pillow would cut off at 255
    mode = "F" if deep else "RGBA" if picture.has_transparency_data else "L"
    factor = max(1, max(picture.size) // (3 * SIDE))
    small = Image.new(mode, [-(-side // factor) for side in picture.size])
    for top in range(0, picture.height, 32 * factor):
        strip = picture.crop((0, top, picture.width, min(top + 32 * factor, picture.height))).convert(mode)
        if deep:
            strip = Image.fromarray(np.nan_to_num(np.asarray(strip)))
        small.paste(strip.reduce(factor), (0, top // factor))
    return small


def _grey(picture):
    """Grey values, uint8, the longer side SIDE and the lightest 255; and how much larger than ``picture`` they are."""
    zoom = SIDE / max(picture.size)
    picture = picture.resize([max(1, round(side * zoom)) for side in picture.size])  # bicubic
    grey = np.asarray(picture.convert("L") if picture.mode == "RGBA" else picture, np.float32).clip(0)
    if picture.mode == "RGBA":  # what is transparent becomes white paper for dark ink, black for light ink
        alpha = np.asarray(picture.getchannel("A"), np.float32) / 255
        paper = 255 if (grey * alpha).sum() < 128 * alpha.sum() else 0
        grey = alpha * grey + (1 - alpha) * paper
    return (grey * (255 / max(grey.max(), 1e-9))).astype(np.uint8), zoom


def _is_light_on_dark(grey):
    """Whether what differs from its surroundings is lighter than they, in the middle more than at the edge."""
    from scipy import ndimage
    from skimage.filters import rank

    small = ndimage.uniform_filter(grey, 6)[::6, ::6]
    offset = small - rank.median(small, np.ones((41, 41))).astype(float)
    return (offset**3 * np.outer(*map(np.hanning, small.shape))).sum() > 0


def _contrast(grey):
    """How much darker than the paper around it each pixel is, from 0 to 1."""
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(grey.astype(float), 1)
    # Closing fills in whatever is narrower than a quarter of the picture; a shadow or a table is wider.
    paper = ndimage.grey_closing(smooth, SIDE // 4)
    return 1 - smooth / paper.clip(1)


def _marked(contrast):
    """Where there is ink, its page's lines included."""
    from scipy import ndimage
    from skimage.filters import threshold_otsu

    noise = 1.48 * np.median(abs(contrast - ndimage.gaussian_filter(contrast, 3)))  # a standard deviation
    inked = contrast[contrast > np.percentile(contrast, 25) + max(6 * noise, 0.06)]
    threshold = threshold_otsu(inked) if inked.size else 1
    if (contrast > threshold).sum() < 20 or inked[inked > threshold].mean() < 0.14:
        raise ValueError(f"There is no ink to be seen. {ONE_DIGIT}")
    return contrast > threshold


def _without_lines(ink):
    """Without the lines of a ruled or squared page: thin, nearly level or upright, from edge to edge."""
    from scipy import ndimage

    for turned in (ink, ink.T):  # views: what goes from one goes from the other
        high, wide = turned.shape
        thin = turned & ~ndimage.binary_opening(turned, np.ones((9, 1)))
        y, x = np.nonzero(thin)
        near = [np.nonzero(ndimage.binary_dilation(some, np.ones((5, 1)))) for some in (turned, thin)]  # it may bend
        found = np.zeros(y.size, bool)
        for slope in np.linspace(-0.15, 0.15, 120):
            every, thin_only = (_crossed(*places, slope) for places in near)
            ends = (np.array([[0], [high]]) - np.arange(-SIDE, 2 * SIDE)) / slope
            length = abs(np.diff(ends.clip(0, wide), axis=0))[0]  # of each line inside the picture
            line = (every > 0.8 * length) & (thin_only > 0.3 * length) & (length > 0.2 * wide)
            found |= ndimage.binary_dilation(line, iterations=3)[(y - slope * x).round().astype(int) + SIDE]
        turned[y[found], x[found]] = False
    return ndimage.binary_opening(ink, np.ones((2, 2)))


def _crossed(y, x, slope):
    """How many of the pixels lie on each line of this slope, by where it starts."""
    return np.bincount((y - slope * x).round().astype(int) + SIDE, minlength=3 * SIDE)


def _one_digit(ink):
    """The strokes of the only digit. Raises ValueError where there is none, another, or something else."""
    from scipy import ndimage
    from skimage.measure import label, regionprops
    from skimage.morphology import skeletonize

    parts = label(ink)
    edge = np.ones(ink.shape, bool)
    edge[1:-1, 1:-1] = False
    spans = {part.label: max(np.ptp(part.coords, axis=0)) + 1 for part in regionprops(parts)}
    inner = {part for part in spans if spans[part] >= 8} - set(parts[edge])
    if not inner and (ink & edge).sum() > 0.2 * edge.sum():
        raise ValueError(f"All that is dark goes up to the edge. {ONE_DIGIT}")
    if not (inner := inner or {part for part in spans if spans[part] >= 8}):
        raise ValueError(f"There is no ink to be seen. {ONE_DIGIT}")
    main = max(inner, key=spans.get)
    ink = np.isin(parts, list(inner))
    # What lies near the largest part belongs to it, such as the bar of a 5.
    groups = label(ndimage.distance_transform_edt(~ink) <= 0.07 * spans[main]) * ink
    digit = groups == groups[parts == main][0]
    high, wide = np.ptp(np.nonzero(digit), axis=1) + 1
    others = [max(np.ptp(part.coords, axis=0)) + 1 for part in regionprops(groups)]
    # Of one digit only one piece is nearly as high, such as the stem of a 4. MNIST's widest is 1.76 times its height.
    tall = sum(np.ptp(part.coords[:, 0]) > 0.75 * high for part in regionprops(parts * digit))
    if sum(span > 0.4 * max(high, wide) for span in others) > 1 or tall > 1 or wide > 1.8 * high:
        raise ValueError(f"There seem to be several digits. {ONE_DIGIT}")
    if 2 * ndimage.distance_transform_edt(digit).max() > 0.6 * max(high, wide):
        raise ValueError(f"This is too broad for a pen's strokes. {ONE_DIGIT}")
    if skeletonize(digit).sum() > 8 * max(high, wide):  # an 8 has 3; the grain of a dark table 20
        raise ValueError(f"These are more strokes than a digit has. {ONE_DIGIT}")
    return digit


def _size_of_digit(ink, contrast, zoom):
    """Pixels of its longer side. Raises ValueError for too few, and for no empty paper around it, as in a face."""
    from scipy import ndimage

    first, last = np.min(np.nonzero(ink), axis=1), np.max(np.nonzero(ink), axis=1)
    size = max(last - first) + 1
    if size < max(20, 12 * zoom):
        seen = f"{size / zoom:.0f} of the picture's {SIDE / zoom:.0f} pixels"
        raise ValueError(f"The digit is too small, {seen}. Take the picture from nearer by, or with more pixels.")
    around = tuple(map(slice, (first - size // 4).clip(0), last + size // 4))
    paper = ~ndimage.binary_dilation(ink[around], iterations=max(3, size // 20))
    # Digits on noisy, lined or shaded paper have up to 0.14; faces from 0.2.
    if contrast[around][paper].mean() > 0.18 * contrast[ink].mean():
        raise ValueError(f"The paper around the digit is not empty, or this is no digit. {ONE_DIGIT}")
    return size


def _like_mnist(ink, size):
    """The strokes in 28 × 28 pixels, from -1 to 1."""
    from PIL import Image
    from scipy import ndimage
    from skimage.morphology import skeletonize

    top, left = np.min(np.nonzero(ink), axis=1)
    ink = np.pad(ink[top : top + size, left : left + size], size)  # room for the frame, wherever the mass lies
    width = 2 * ndimage.distance_transform_edt(ink)[skeletonize(ink)].mean()
    ink = ndimage.distance_transform_edt(~ink) <= max(0, size / 10 - width) / 2
    scale = (max(np.ptp(np.nonzero(ink), axis=1)) + 1) / 20
    y, x = (places.mean() + 0.5 for places in np.nonzero(ink))
    box = (x - 14.5 * scale, y - 14.5 * scale, x + 13.5 * scale, y + 13.5 * scale)
    small = Image.fromarray(ink.astype(np.uint8) * 255).resize((28, 28), Image.Resampling.BOX, box)
    return torch.from_numpy(np.asarray(small, np.float32).reshape(1, 784) / 127.5 - 1)
