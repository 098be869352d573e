"""A figure with its text alternative, the pack's style, and the charts that several lessons use.

Colours are those of M. Okabe and K. Ito, which stay apart under the common
colour-vision deficiencies. Text is large enough for a projector.
"""

import base64
import functools
import html
import io
import warnings

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from . import inputs

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
        canvas = FigureCanvasAgg(figure)
        with warnings.catch_warnings():
            # Students type any script: what the font lacks is drawn as a box, and the alt text holds it.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            canvas.draw()
            if _moved_into(figure):
                canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[..., :3]
        # A figure in grey takes a third of the bytes with one channel: pictures of ciphertexts do not compress.
        grey = np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 0], pixels[..., 2])
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels[..., 0] if grey else pixels)).save(buffer, "png", compress_level=3)
        self.png = buffer.getvalue()
        self.alt = " ".join(alt.split())  # titles and labels may run over several lines
        self.width = round(figure.get_figwidth() * 96)

    def _repr_html_(self):
        source = base64.b64encode(self.png).decode()
        return (
            f'<img src="data:image/png;base64,{source}" alt="{html.escape(self.alt)}" '
            f'width="{self.width}" style="max-width: 100%; height: auto">'
        )

    def __repr__(self):
        return f"[Figure: {self.alt}]"


def _moved_into(figure):
    """Move titles that run out of the figure at its right to the left, as far as there is room. Says if there were."""
    moved = False
    for axes in figure.axes:
        for title in axes.get_children():
            if not isinstance(title, Text) or title.get_text() != axes.get_title(loc="left"):
                continue
            drawn = title.get_window_extent()
            beyond = min(drawn.x1 - figure.bbox.x1 + 4, drawn.x0)
            if beyond > 0:
                title.set_x(title.get_position()[0] - beyond / axes.bbox.width)
                moved = True
    return moved


def as_picture(draw):
    """Decorator: run ``draw`` in the pack's style and turn the (figure, alt) it returns into a Picture."""

    @functools.wraps(draw)
    def styled(*args, **kwargs):
        with matplotlib.rc_context():
            matplotlib.rcdefaults()  # whatever a reader's own settings are: a figure must not need their TeX
            matplotlib.rcParams.update(STYLE)
            return Picture(*draw(*args, **kwargs))

    return styled


def array(values):
    """A NumPy array of a tensor, on whatever device it lies, or of anything else."""
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)


def page(height, dpi=None):
    """An empty figure, WIDTH × height inches, to be laid out by hand: constrained layout takes longer than drawing."""
    return Figure(figsize=(WIDTH, height), layout="none", dpi=dpi)


def panel(fig, left, bottom, width, height):
    """Axes of ``fig`` at a place and of a size in inches, from the lower left corner."""
    wide, high = fig.get_size_inches()
    return fig.add_axes((left / wide, bottom / high, width / wide, height / high))


def headline(fig, title, x=0.0):
    """The title of a figure that is laid out by hand."""
    height = fig.get_figheight()
    fig.text(x, 1 - 0.08 / height, title, fontsize=13, fontweight="bold", va="top", parse_math=False)


def plain_axes(height, left, bottom=0.62, right=0.15, top=0.5):
    """A figure of WIDTH × height inches with one axes, its margins in inches."""
    fig = page(height)
    return fig, panel(fig, left, bottom, WIDTH - left - right, height - bottom - top)


def coloured(columns, colours):
    """Pairs of a column and its colour. Raises ValueError for more columns than there are colours to tell apart."""
    if len(columns) > len(colours):
        raise ValueError(
            f"This chart can show {len(colours)} series that all can tell apart, but {len(columns)} were given: "
            f"{', '.join(map(str, columns))}. Leave some out, or draw a second chart."
        )
    return list(zip(columns, colours, strict=False))


def numbers_of(name, table):
    """A DataFrame of finite numbers, or NaN for what is not there, in the form of ``table``; see inputs.table."""
    table = inputs.table(name, table)
    try:
        return table.astype(float)
    except (TypeError, ValueError) as problem:
        raise TypeError(f"{name} must hold numbers only: {problem}.") from None


@as_picture
def bars(values, title, xlabel, baselines=(), limit=None):
    """Horizontal bars with their values; those named in ``baselines`` are grey.

    values: dict or pandas Series from a name to a number from 0 up. limit: right end of the axis.
    Raises TypeError or ValueError for other values, or none.
    """
    if not hasattr(values, "keys"):
        raise TypeError(
            f"values must be a dict or a Series from a name to a number, but {inputs.described(values)} was given."
        )
    values = dict(values)
    names, numbers = list(values)[::-1], inputs.array("values", list(values.values()), ("n",), 0)[::-1]
    fig = Figure(figsize=(WIDTH, 1.3 + 0.42 * len(values)))
    axes = fig.add_subplot()
    axes.barh(list(map(str, names)), numbers, color=[GREY if name in baselines else BLUE for name in names])
    for i, number in enumerate(numbers):
        axes.text(number, i, f" {number:.3g}", va="center")
    axes.set(title=title, xlabel=xlabel, xlim=(0, limit or 1.12 * max(numbers) or 1))
    return fig, f"{title}. {xlabel}: " + "; ".join(f"{name} {number:.3g}" for name, number in values.items()) + "."


@as_picture
def paired_bars(table, title, ylabel):
    """Groups of vertical bars: one group a row of ``table``, one colour a column, of which there are at most three."""
    table, fig = numbers_of("table", table), Figure(figsize=(WIDTH, 3.6))
    axes = fig.add_subplot()
    share = 0.8 / len(table.columns)
    for i, (column, colour) in enumerate(coloured(table.columns, (BLUE, ORANGE, GREEN))):
        spots = np.arange(len(table)) + (i - (len(table.columns) - 1) / 2) * share
        drawn = axes.bar(spots, table[column], width=share * 0.95, color=colour, label=column)
        axes.bar_label(drawn, fmt="%.0f", fontsize=11)
    axes.set_xticks(range(len(table)), table.index)
    axes.set(title=title, ylabel=ylabel)
    top = float(np.nanmax(table.to_numpy()))
    axes.set_ylim(0, 1.25 * top or 1)  # room for the legend, where no value can be
    axes.set_yticks([tick for tick in axes.get_yticks() if tick <= 1.05 * top])
    axes.legend(ncols=3, loc="upper center", fontsize=11)
    rows = (f"{name}: " + ", ".join(f"{c} {row[c]:.0f}" for c in table.columns) for name, row in table.iterrows())
    return fig, f"{title}. {'; '.join(rows)}."


@as_picture
def stacked_bars(table, title, xlabel):
    """Horizontal bars of parts: one bar a row of ``table``, one colour a column (three at most), with their values."""
    table = numbers_of("table", table)
    left = 0.25 + 0.1 * max(len(str(name)) for name in table.index)
    fig, axes = plain_axes(1.75 + 0.42 * len(table), left, right=0.25, top=0.9)  # half of "100" stands to the right
    start = np.zeros(len(table))
    for column, colour in coloured(table.columns, (BLUE, VERMILION, "#D0D0D0")):
        axes.barh(range(len(table)), table[column], left=start, color=colour, label=column, height=0.75)
        for i, value in enumerate(table[column]):
            if value >= 4:
                ink = "white" if colour in (BLUE, VERMILION) else "black"
                axes.text(start[i] + value / 2, i, f"{value:.0f}", ha="center", va="center", color=ink)
        start = start + table[column].to_numpy()
    axes.set_yticks(range(len(table)), table.index)
    axes.invert_yaxis()
    axes.set(xlabel=xlabel, xlim=(0, max(start)))
    axes.set_title(title, pad=34)
    axes.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, fontsize=11)
    rows = (f"{name}: " + ", ".join(f"{c} {row[c]:.1f}" for c in table.columns) for name, row in table.iterrows())
    return fig, f"{title}. {xlabel}. {'; '.join(rows)}."


@as_picture
def curves(table, title, xlabel, ylabel, baselines=(), marked=None, limit=None):
    """Lines over the index of ``table``, one for each column, of which there are at most five.

    An index of numbers is a number axis, logarithmic where it grows tenfold or more; any other has equal steps.
    baselines: a dashed line at each of these heights, as (height, label). marked: a row to mark with an upright
    line. limit: top of the axis.
    """
    table, fig = numbers_of("table", table), Figure(figsize=(WIDTH, 3.7))
    axes, index = fig.add_subplot(), list(table.index)
    numeric = table.index.dtype.kind in "iuf"
    spots = index if numeric else range(len(index))
    styles = zip((BLUE, ORANGE, GREEN, PURPLE, VERMILION), "osD^v", strict=True)
    for column, (colour, shape) in coloured(table.columns, list(styles)):
        axes.plot(spots, table[column], color=colour, marker=shape, linewidth=2.2, label=column)
    for i, (height, label) in enumerate(baselines):
        axes.axhline(height, color=GREY, linestyle=("--", "-.", ":")[i % 3], linewidth=1.5, label=label)
    if marked is not None:
        axes.axvline(spots[index.index(marked)], color=BLACK, linestyle=":", linewidth=1.5)
    if numeric and 0 < 10 * min(index) <= max(index):
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(
        spots, [f"{x:,}" if numeric else str(x) for x in index], fontsize=11, rotation=45 * (len(index) > 7)
    )
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(0, limit or 1.08 * float(np.nanmax(table.to_numpy()))))
    axes.legend(fontsize=11, loc="center left", bbox_to_anchor=(1.01, 0.5))
    ends = "; ".join(f"{c}: " + ", ".join(f"{x} {v:.3g}" for x, v in table[c].items() if v == v) for c in table.columns)
    return fig, f"{title}. {ylabel} by {xlabel}: {ends}."
