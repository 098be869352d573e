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
    said = f"Bar chart of {len(vector)} numbers, {below} of them below zero; the largest magnitude is"
    return fig, f"{title}. {said} {np.abs(vector).max():.2f}."


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
    said = f"After {step} steps {explained[step]:.1f} % of the vector is explained"
    return fig, f"{said}. Tokens found: {', '.join(found) or 'none'}."


def _plain(piece):
    """A token as people read it: "-our" goes on a word that "tum" begins."""
    return piece[1:] or "(space)" if piece.startswith("▁") else f"-{piece}"


@as_picture
def ranked_pins(answers, pin, title):
    """All 10,000 PINs by how likely a model finds them, and where the true one stands; a panel a model.

    answers: dict from a model's name, of two at most, to a pair: log-likelihoods in nats, shape (10,000,), and what it
    says after the prompt. pin: from 0 to 9,999. Raises TypeError or ValueError for anything else.
    """
    if not isinstance(answers, dict) or not all(isinstance(one, tuple) and len(one) == 2 for one in answers.values()):
        raise TypeError(f"answers must be a dict to pairs (log-likelihoods, text), not {inputs.described(answers)}.")
    pin, fig = inputs.whole("pin", pin, 0, 9999), picture.page(3.5)
    wide, told = (picture.WIDTH - 0.75 - 0.35 - 0.1) / 2, []  # inches
    for i, (name, colour) in enumerate(picture.coloured(answers, (GREY, BLUE))):
        likely, said = (
            inputs.array("log-likelihoods", answers[name][0], (10_000,)),
            inputs.text("said", answers[name][1]),
        )
        rank = int((likely >= likely[pin]).sum())
        axes = picture.panel(fig, 0.75 + i * (wide + 0.35), 1.1, wide, 1.65)
        axes.hist(np.clip(likely / np.log(10), -17, 0), bins=np.linspace(-17, 0, 69), color=colour)
        axes.axvline(likely[pin] / np.log(10), color=VERMILION, linewidth=2.5)
        axes.set_title(f"{name}: rank {rank:,}", fontsize=12, pad=6)
        axes.set(xlim=(-17, 0.3), ylim=(0, 1150), xlabel="probability of a PIN")
        axes.set_xticks(range(-15, 1, 5), ["10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1"])
        axes.tick_params(labelleft=i == 0)
        axes.set_ylabel("PINs" * (i == 0))
        shown = f"“{said[:28]}{'…' if len(said) > 28 else ''}”"
        fig.text(
            (0.75 + i * (wide + 0.35)) / picture.WIDTH, 0.2 / 3.5, f"goes on: {shown}", fontsize=12, parse_math=False
        )
        told.append(f"{name}: the true PIN, in orange, has rank {rank:,} of 10,000; the model goes on with {shown}")
    picture.headline(fig, title)
    return fig, f"{title}. Histograms of the probabilities of all PINs. {'. '.join(told)}."
