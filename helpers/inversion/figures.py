"""The figures of lesson 3. Each returns a Picture."""

import numpy as np
from matplotlib.figure import Figure

from .. import inputs, picture
from ..picture import BLUE, GREY, WIDTH, array, as_picture
from .photo import Photo
from .scores import mse


@as_picture
def handwriting(rows, title, captions=()):
    """Rows of pictures, one above the other, to compare column by column.

    rows: dict from a label to pictures from -1 to 1, shape (m, 784), the same m in each.
    captions: one text below each column, or none.
    """
    rows, captions, m = _alike(rows, captions)
    # Laid out by hand: constrained layout cuts long labels beside a picture.
    left, below = 0.15 + 0.105 * max(len(label) for label in rows), 0.05 + 0.35 * bool(captions)
    side = min((WIDTH - left - 0.1) / m, 1.3)
    fig = picture.page(below + len(rows) * side + 0.45)
    axes = picture.panel(fig, left, below, m * side, len(rows) * side)
    show_rows(axes, rows, captions)
    axes.set_title(title)
    alt = f"{title}. Rows of {m} handwritten pictures: {', '.join(rows)}."
    return fig, alt + (f" Captions: {', '.join(captions)}." if captions else "")


def show_rows(axes, rows, captions=()):
    """Draw rows of pictures, as those of handwriting, into ``axes``: each with a thin grey frame and a white gap."""
    rows, captions, m = _alike(rows, captions)
    board = np.full((len(rows), 32, m, 32), -1.0)
    board[:, 1:31, :, 1:31] = -0.7
    board[:, 2:30, :, 2:30] = [pictures.swapaxes(0, 1) for pictures in rows.values()]
    axes.imshow(board.reshape(-1, 32 * m), cmap="gray_r", vmin=-1, vmax=1, interpolation="nearest")
    axes.set_yticks([15.5 + 32 * i for i in range(len(rows))], list(rows))
    axes.set_xticks([15.5 + 32 * i for i in range(m)] if captions else [], list(captions))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _alike(rows, captions):
    """Rows as arrays of one shape (m, 28, 28), by their labels; captions, m or none; and m."""
    if not isinstance(rows, dict) or not rows:
        raise TypeError(f"rows must be a dict from a label to pictures, but {inputs.described(rows)} was given.")
    arrays = {}
    for label, pictures in rows.items():
        pictures = array(pictures)
        flat = pictures.reshape(-1, 784) if pictures.shape[1:] == (28, 28) else pictures
        arrays[str(label)] = inputs.array(f"The pictures of {label!r}", flat, ("m", 784)).reshape(-1, 28, 28)
    captions = [str(one) for one in inputs.sequence("captions", captions)]
    m, *others = {len(pictures) for pictures in arrays.values()}
    if others or len(captions) not in (0, m):
        many = ", ".join(f"{len(pictures)} in {label!r}" for label, pictures in arrays.items())
        raise ValueError(f"Rows need as many pictures, and as many captions or none: {many}, {len(captions)} captions.")
    return arrays, captions, m


@as_picture
def activations(values, title):
    """What crosses the wire for one picture: a bar for each activation, shape (500,)."""
    values = inputs.array("values", array(values), ("n",))
    fig = Figure(figsize=(WIDTH, 2.6))
    axes = fig.add_subplot()
    axes.vlines(np.arange(len(values)), 0, values, color=BLUE, linewidth=0.9)
    axes.set(title=title, xlabel="unit", ylabel="activation", xlim=(-2, len(values) + 1))
    axes.set_ylim(bottom=None if values.min() < 0 else 0)
    zeros = (values == 0).sum()
    return fig, f"{title}. Bar chart of {len(values)} activations; {zeros} are zero, the largest is {values.max():.1f}."


@as_picture
def training(checkpoints, position, originals):
    """An attacker at one checkpoint: originals above what it draws, and its error so far.

    checkpoints: from train_attacker. position: index into them. originals: what it redraws, shape (m, 784).
    """
    checkpoints = inputs.sequence("checkpoints", checkpoints)
    if not checkpoints or not all(hasattr(one, "redrawn") for one in checkpoints):
        raise TypeError("checkpoints must be those that train_attacker returns, at least one.")
    errors = [float(mse(originals, one.redrawn).mean()) for one in checkpoints]
    now = checkpoints[position := inputs.whole("position", position, 0, len(checkpoints) - 1)]
    fig = Figure(figsize=(WIDTH, 3.4))
    left, right = fig.subplots(1, 2, width_ratios=(1.25, 1))
    show_rows(left, {"hers": originals, "redrawn": now.redrawn})
    left.set_title(f"After {now.step:,} steps")
    steps = [one.step for one in checkpoints]
    right.plot(steps, errors, color=GREY, linewidth=1)
    right.plot(steps[: position + 1], errors[: position + 1], color=BLUE, linewidth=2.5)
    right.plot(now.step, errors[position], "o", color=BLUE, markersize=9)
    # By factors: half of what is to be seen happens in the first twenty.
    right.set_xscale("symlog", linthresh=1, linscale=0.4)
    right.set_xticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    right.set(xlabel="steps of training", ylabel="mean squared error", ylim=(0, None))
    right.set_title(f"Error {errors[position]:.2f}")
    return fig, f"After {now.step} steps the attacker's mean squared error on her digits is {errors[position]:.3f}."


@as_picture
def photographed(photo, title):
    """What data.photo makes of a photograph, step by step: grey, without shadows, the ink, and the picture."""
    if not isinstance(photo, Photo):
        raise TypeError(f"photo must be what data.photo gives, but {inputs.described(photo)} was given.")
    fig = Figure(figsize=(WIDTH, 2.9))
    steps = {"grey": 255 - photo.grey, "no shadows": photo.contrast, "ink": photo.ink, "28 × 28": photo.picture}
    for axes, (name, step) in zip(fig.subplots(1, 4), steps.items(), strict=True):
        step = array(step)
        axes.imshow(step if step.ndim == 2 and len(step) > 1 else step.reshape(28, 28), cmap="gray_r")
        axes.set_title(name, fontsize=12, fontweight="normal")
        axes.set_axis_off()
    fig.suptitle(inputs.text("title", title), x=0.01, ha="left", fontsize=13, fontweight="bold")
    return fig, f"{title}. Four steps: {', '.join(steps)}."
