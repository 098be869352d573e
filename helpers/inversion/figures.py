"""The figures of lesson 3. Each returns a Picture."""

import numpy as np
from matplotlib.figure import Figure

from .. import picture
from ..picture import BLUE, GREEN, GREY, ORANGE, WIDTH, array, as_picture


@as_picture
def handwriting(rows, title, captions=()):
    """Rows of pictures, one above the other, to compare column by column.

    rows: dict from a label to pictures from -1 to 1, shape (m, 784), the same m in each.
    captions: one text below each column, or none.
    """
    m = len(next(iter(rows.values())))
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
    m = len(next(iter(rows.values())))
    board = np.full((len(rows), 32, m, 32), -1.0)
    board[:, 1:31, :, 1:31] = -0.7
    board[:, 2:30, :, 2:30] = [array(pictures).reshape(m, 28, 28).swapaxes(0, 1) for pictures in rows.values()]
    axes.imshow(board.reshape(-1, 32 * m), cmap="gray_r", vmin=-1, vmax=1, interpolation="nearest")
    axes.set_yticks([15.5 + 32 * i for i in range(len(rows))], list(rows))
    axes.set_xticks([15.5 + 32 * i for i in range(m)] if captions else [], list(captions))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


@as_picture
def activations(values, title):
    """What crosses the wire for one picture: a bar for each activation, shape (500,)."""
    values = array(values)
    fig = Figure(figsize=(WIDTH, 2.6))
    axes = fig.add_subplot()
    axes.vlines(np.arange(len(values)), 0, values, color=BLUE, linewidth=0.9)
    axes.set(title=title, xlabel="unit", ylabel="activation", xlim=(-2, len(values) + 1), ylim=(0, None))
    zeros = (values == 0).sum()
    return fig, f"{title}. Bar chart of {len(values)} activations; {zeros} are zero, the largest is {values.max():.1f}."


@as_picture
def training(checkpoints, position, originals):
    """An attacker at one checkpoint: originals above what it draws, and its error so far.

    checkpoints: from train_attacker. position: index into them. originals: what it redraws, shape (m, 784).
    """
    errors = [float(((c.redrawn - originals) ** 2).mean()) for c in checkpoints]
    now = checkpoints[position]
    fig = Figure(figsize=(WIDTH, 3.4))
    left, right = fig.subplots(1, 2, width_ratios=(1.25, 1))
    show_rows(left, {"hers": originals, "redrawn": now.redrawn})
    left.set_title(f"After {now.step:,} batches")
    # Position, not step: half of what is to be seen happens in the first twenty batches.
    right.plot(errors, color=GREY, linewidth=1)
    right.plot(errors[: position + 1], color=BLUE, linewidth=2.5)
    right.plot(position, errors[position], "o", color=BLUE, markersize=9)
    right.set_xticks(range(len(checkpoints)), [str(c.step) for c in checkpoints], fontsize=10, rotation=60)
    right.set(xlabel="batches learned from", ylabel="mean squared error", ylim=(0, None))
    right.set_title(f"Error {errors[position]:.2f}")
    return fig, f"After {now.step} batches the attacker's mean squared error on her digits is {errors[position]:.3f}."


@as_picture
def active_units(counts, title):
    """How many of a client's units are not silent: a histogram for each client, of which there are at most three.

    counts: dict from a client's name to the number of active units for each picture.
    """
    fig = Figure(figsize=(WIDTH, 3))
    axes = fig.add_subplot()
    means = {name: f"{array(numbers).mean():.0f}" for name, numbers in counts.items()}
    for name, colour in picture.coloured(counts, (BLUE, ORANGE, GREEN)):
        label = f"{name}: {means[name]} on average"
        axes.hist(array(counts[name]), bins=range(0, 501, 10), color=colour, alpha=0.8, label=label)
    axes.legend()
    axes.set(title=title, xlabel="units that are not silent, of 500", ylabel="pictures", xlim=(0, 500))
    return fig, f"{title}. {'; '.join(f'{name}: {mean} of 500 active on average' for name, mean in means.items())}."
