"""The figures of lesson 4. Each returns a Picture."""

import textwrap

import numpy as np

from .. import inputs, picture
from ..picture import BLUE, GREY, VERMILION, as_picture


@as_picture
def embedding(vector, title):
    """What a database stores of one text: a bar for each number of its vector, shape (d,)."""
    vector = inputs.array("vector", vector, ("d",))
    fig, axes = picture.plain_axes(2.6, left=0.85)
    axes.vlines(np.arange(len(vector)), 0, vector, color=BLUE, linewidth=1.2)
    axes.set(xlabel="place in the vector", ylabel="number", xlim=(-2, len(vector) + 1))
    axes.set_title(title)
    below = (vector < 0).sum()
    return (
        fig,
        f"{title}. Bar chart of {len(vector)} numbers, {below} of them below zero; the largest magnitude is "
        + (f"{np.abs(vector).max():.2f}."),
    )


@as_picture
def pursuit(reading, pieces, step):
    """An attacker after ``step`` steps: the tokens that it has found, the newest marked, and what they explain.

    reading: a Reading, of which a part is shown. pieces: what its tokens stand for, a text each.
    """
    if not hasattr(reading, "left"):
        raise TypeError(f"reading must be a Reading, as read returns, but {inputs.described(reading)} was given.")
    pieces = [inputs.text("A piece", piece) for piece in inputs.sequence("pieces", pieces)]
    if len(pieces) != len(reading.tokens):
        raise ValueError(f"The reading's {len(reading.tokens)} tokens need a piece each, but {len(pieces)} were given.")
    step = inputs.whole("step", step, 0, len(pieces))
    explained = 100 * (1 - np.asarray(reading.left))
    fig = picture.page(3.3)
    words = picture.panel(fig, 0.1, 0.2, 4.3, 2.5)
    words.axis("off")
    words.set_title(f"{step} tokens found" if step != 1 else "1 token found")
    found = [_plain(piece) for piece in pieces[:step]]
    text = "\n".join(textwrap.wrap("  ".join(found[:-1]), 38, break_long_words=False, break_on_hyphens=False))
    words.text(0, 0.98, text, va="top", fontsize=12, linespacing=1.5, parse_math=False, transform=words.transAxes)
    newest = f"newest: {found[-1]}" if found else "nothing yet"
    words.text(0, 0, newest, fontsize=12, color=VERMILION, weight="bold", parse_math=False, transform=words.transAxes)
    axes = picture.panel(fig, 5.35, 0.65, 2.85, 2.05)
    axes.plot(explained, color=GREY, linewidth=1)
    axes.plot(explained[: step + 1], color=BLUE, linewidth=2.5)
    axes.plot(step, explained[step], "o", color=BLUE, markersize=9)
    axes.set(xlabel="steps", ylabel="% of the vector", ylim=(0, 104))
    axes.set_title(f"Explained: {explained[step]:.0f} %")
    return fig, f"After {step} steps {explained[step]:.1f} % of the vector is explained. Tokens found: " + (
        ", ".join(found) or "none"
    ) + "."


def _plain(piece):
    """A token as people read it: "-our" goes on a word that "tum" begins."""
    return piece[1:] or "(space)" if piece.startswith("▁") else f"-{piece}"
