"""The pack's figures, one function each. Every function returns a Picture.

Colours are those of M. Okabe and K. Ito, which stay apart under the common
colour-vision deficiencies. Text is large enough for a projector.
"""

import base64
import functools
import html
import io

import matplotlib
import numpy as np
from matplotlib.figure import Figure

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#767676"  # for baselines: what a guess reaches

STYLE = {
    "figure.dpi": 144,
    "figure.constrained_layout.use": True,
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "legend.frameon": False,
}
WIDTH = 8.4  # inches: fills a notebook's column


class Picture:
    """A finished figure with its text alternative: shows itself in a notebook and in widgets.

    png: the picture's bytes. alt: what it shows, in words. width: in CSS pixels.
    JupyterLab gives an image output no alt text, so a Picture is shown as an HTML <img>.
    """

    def __init__(self, figure, alt):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=figure.dpi)
        self.png = buffer.getvalue()
        self.alt = alt
        self.width = round(figure.get_figwidth() * 96)

    def _repr_html_(self):
        source = base64.b64encode(self.png).decode()
        return (
            f'<img src="data:image/png;base64,{source}" alt="{html.escape(self.alt)}" '
            f'width="{self.width}" style="max-width: 100%; height: auto">'
        )

    def __repr__(self):
        return f"[Figure: {self.alt}]"


def figure(draw):
    """Decorator: run ``draw`` in the pack's style and turn the (figure, alt) it returns into a Picture."""

    @functools.wraps(draw)
    def styled(*args, **kwargs):
        with matplotlib.rc_context(STYLE):
            return Picture(*draw(*args, **kwargs))

    return styled


# --- pictures of handwriting --------------------------------------------------


@figure
def handwriting(rows, title, captions=()):
    """Rows of pictures, one above the other, to compare column by column.

    rows: dict from a label to pictures from -1 to 1, shape (m, 784), the same m in each.
    captions: one text below each column, or none.
    """
    m = len(next(iter(rows.values())))
    # Laid out by hand: constrained layout cuts long labels beside a picture.
    left = 0.15 + 0.105 * max(len(label) for label in rows)
    side = min((WIDTH - left - 0.1) / m, 1.3)
    high = len(rows) * side
    height = high + 0.5 + 0.35 * bool(captions)
    fig = Figure(figsize=(WIDTH, height), layout="none")
    axes = fig.add_axes((left / WIDTH, (0.05 + 0.35 * bool(captions)) / height, m * side / WIDTH, high / height))
    _show_rows(axes, rows, captions)
    axes.set_title(title)
    names = ", ".join(rows)
    return fig, f"{title}. Rows of {m} handwritten pictures: {names}." + (
        f" Captions: {', '.join(captions)}." if captions else ""
    )


def _show_rows(axes, rows, captions=()):
    strips = [np.hstack([_framed(picture) for picture in pictures]) for pictures in rows.values()]
    axes.imshow(np.vstack(strips), cmap="gray_r", vmin=-1, vmax=1, interpolation="nearest")
    axes.set_yticks([15.5 + 32 * i for i in range(len(rows))], list(rows))
    m = strips[0].shape[1] // 32
    axes.set_xticks([15.5 + 32 * i for i in range(m)] if captions else [], list(captions))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _framed(picture):
    """One picture of 28 × 28 with a thin grey frame and a white gap, 32 × 32."""
    framed = np.full((32, 32), -1.0)
    framed[1:31, 1:31] = -0.7
    framed[2:30, 2:30] = _array(picture).reshape(28, 28)
    return framed


def _array(values):
    """A NumPy array of a tensor, on whatever device it lies, or of anything else."""
    return np.asarray(values.cpu() if hasattr(values, "cpu") else values)


@figure
def message(activations, title):
    """What crosses the wire for one picture: a bar for each activation, shape (500,)."""
    values = _array(activations)
    fig = Figure(figsize=(WIDTH, 2.6))
    axes = fig.add_subplot()
    axes.vlines(np.arange(len(values)), 0, values, color=BLUE, linewidth=0.9)
    axes.set(title=title, xlabel="unit", ylabel="activation", xlim=(-2, len(values) + 1), ylim=(0, None))
    zeros = (values == 0).sum()
    return fig, f"{title}. Bar chart of {len(values)} activations; {zeros} are zero, the largest is {values.max():.1f}."


@figure
def training(checkpoints, position, originals):
    """An attacker at one checkpoint: originals above what it draws, and its error so far.

    checkpoints: from splitnn.train_attacker. position: index into them.
    originals: the pictures that it redraws, shape (m, 784).
    """
    errors = [float(((c.redrawn - originals) ** 2).mean()) for c in checkpoints]
    now = checkpoints[position]
    fig = Figure(figsize=(WIDTH, 3.4))
    left, right = fig.subplots(1, 2, width_ratios=(1.25, 1))
    _show_rows(left, {"hers": originals, "redrawn": now.redrawn})
    left.set_title(f"After {now.step:,} batches")
    # Position, not step: half of what is to be seen happens in the first twenty batches.
    right.plot(errors, color=GREY, linewidth=1)
    right.plot(errors[: position + 1], color=BLUE, linewidth=2.5)
    right.plot(position, errors[position], "o", color=BLUE, markersize=9)
    right.set_xticks(range(len(checkpoints)), [str(c.step) for c in checkpoints], fontsize=10, rotation=60)
    right.set(xlabel="batches learned from", ylabel="mean squared error", ylim=(0, None))
    right.set_title(f"Error {errors[position]:.2f}")
    return fig, f"After {now.step} batches the attacker's mean squared error on her digits is {errors[position]:.3f}."


# --- scores -------------------------------------------------------------------


@figure
def bars(values, title, xlabel, baselines=(), limit=None):
    """Horizontal bars with their values; those named in ``baselines`` are grey.

    values: dict or pandas Series from a name to a number. limit: right end of the axis.
    """
    values = dict(values)
    fig = Figure(figsize=(WIDTH, 1.3 + 0.42 * len(values)))
    axes = fig.add_subplot()
    names = list(values)[::-1]
    numbers = [values[name] for name in names]
    axes.barh(names, numbers, color=[GREY if name in baselines else BLUE for name in names])
    for i, number in enumerate(numbers):
        axes.text(number, i, f" {number:.3g}", va="center")
    axes.set(title=title, xlabel=xlabel, xlim=(0, limit or 1.12 * max(numbers)))
    return fig, f"{title}. {xlabel}: " + "; ".join(f"{name} {number:.3g}" for name, number in values.items()) + "."


@figure
def active_units(counts, title):
    """How many of a client's units are not silent: a histogram for each client.

    counts: dict from a client's name to the number of active units for each picture.
    """
    fig = Figure(figsize=(WIDTH, 3))
    axes = fig.add_subplot()
    counts = {name: _array(numbers) for name, numbers in counts.items()}
    for (name, numbers), colour in zip(counts.items(), (BLUE, ORANGE, GREEN), strict=False):
        label = f"{name}: {numbers.mean():.0f} on average"
        axes.hist(numbers, bins=range(0, 501, 10), color=colour, alpha=0.8, label=label)
    axes.legend()
    axes.set(title=title, xlabel="units that are not silent, of 500", ylabel="pictures", xlim=(0, 500))
    means = "; ".join(f"{name}: {numbers.mean():.0f} of 500 active on average" for name, numbers in counts.items())
    return fig, f"{title}. {means}."


@figure
def paired_bars(table, title, ylabel, baselines=()):
    """Groups of vertical bars: one group a row of ``table``, one colour a column.

    baselines: a dashed line at each of these heights, as (height, label).
    """
    fig = Figure(figsize=(WIDTH, 3.6))
    axes = fig.add_subplot()
    share = 0.8 / len(table.columns)
    for i, (column, colour) in enumerate(zip(table.columns, (BLUE, ORANGE, GREEN), strict=False)):
        spots = np.arange(len(table)) + (i - (len(table.columns) - 1) / 2) * share
        axes.bar(spots, table[column], width=share * 0.95, color=colour, label=column)
        for spot, number in zip(spots, table[column], strict=True):
            axes.text(spot, number, f"{number:.0f}", ha="center", va="bottom", fontsize=11)
    for height, label in baselines:
        axes.axhline(height, color=GREY, linestyle="--", linewidth=1.5, label=label)
    axes.set_xticks(range(len(table)), table.index)
    axes.set(title=title, ylabel=ylabel)
    axes.set_ylim(0, 1.25 * float(table.to_numpy().max()))
    axes.legend(ncols=3, loc="upper center", fontsize=11)
    rows = (f"{name}: " + ", ".join(f"{c} {row[c]:.0f}" for c in table.columns) for name, row in table.iterrows())
    return fig, f"{title}. {'; '.join(rows)}."
