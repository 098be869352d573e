"""The figures of lesson 1. Each takes a title (a text) and returns a Picture.

What a widget redraws is laid out by hand: constrained layout takes longer than the drawing.
"""

import matplotlib
import matplotlib.ticker
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

from .. import inputs, picture
from ..picture import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILION, WIDTH, as_picture, headline, page, panel, plain_axes
from .ciphers import in_grey_levels


def _entries(name, given, value, key=None, **limits):
    """A dict in form. value, key: functions of inputs, for what stands in it and for its names; limits: of values."""
    if not isinstance(given, dict) or not given:
        raise TypeError(f"{name} must be a dict with at least one entry, but {inputs.described(given)} was given.")
    keys = [key(f"each key of {name}", one) for one in given] if key else given
    return dict(zip(keys, (value(f"each of {name}", one, **limits) for one in given.values()), strict=True))


def _shares(name, given, key=None):
    return _entries(name, given, inputs.real, key, least=0, most=1)


@as_picture
def cipher_pictures(picture, ciphertexts, title):
    """A grey picture beside ciphertexts of it, each byte of which is drawn as one grey pixel.

    picture: whole numbers from 0 to 255, shape (h, w). ciphertexts: dict from a label to h * w bytes.
    """
    h, w = inputs.array("picture", picture, ("h", "w")).shape
    pictures = {"picture": in_grey_levels(picture, 256)}
    for name, text in _entries("ciphertexts", ciphertexts, inputs.byte_string).items():
        if len(text) != h * w:
            raise ValueError(f"A ciphertext of this picture has {h * w:,} bytes, but one of {len(text):,} was given.")
        pictures[name] = np.frombuffer(text, np.uint8).reshape(h, w)
    n, gap, top, bottom = len(pictures), 0.1, 0.45, 0.35  # inches
    side = min((WIDTH - (n - 1) * gap) / n, 3.4)
    fig = page(side + top + bottom, dpi=w / side if n == 2 else 120)  # two: a pixel for a pixel
    for i, (name, pixels) in enumerate(pictures.items()):
        axes = panel(fig, i * (side + gap), bottom, side, side)
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
        axes.set_axis_off()
        axes.text(0.5, -0.03, name, transform=axes.transAxes, ha="center", va="top")
    headline(fig, inputs.text("title", title))
    return fig, f"{title}. Side by side: {', '.join(map(str, pictures))}."


@as_picture
def time_to_try(rates, machine, symbols, alphabet, length):
    """How long it takes to try every identifier of a length: a line for each machine, three at most.

    rates: dict from a machine's name to the identifiers that it tries in a second. machine: the one to point out.
    symbols: how many characters each place allows, at most 256; alphabet: their name. length: 1 to 20.
    """
    rates, symbols = _entries("rates", rates, inputs.real, above=0), inputs.whole("symbols", symbols, 1, 256)
    machine, length = inputs.choice("machine", machine, rates), inputs.whole("length", length, 1, 20)
    fig, axes = plain_axes(3.8, 1.43)
    lengths = np.arange(1, 21)
    for name, colour in picture.coloured(rates, (GREY, BLUE, VERMILION)):
        seconds = symbols ** lengths.astype(float) / rates[name]
        axes.plot(lengths, seconds, color=colour, label=name, linewidth=3 if name == machine else 1.2)
        if name == machine:
            axes.plot(length, seconds[length - 1], "o", color=colour, markersize=11)
    marks = {"1 ms": 1e-3, "1 second": 1, "1 hour": 3600, "1 year": _YEAR, "1,000 years": 1e3 * _YEAR,
             "a billion years": 1e9 * _YEAR}  # fmt: skip
    axes.set_yscale("log")
    axes.set_yticks(list(marks.values()), list(marks))
    axes.minorticks_off()
    axes.grid(axis="y", color="#dddddd")
    axes.set(xlabel=f"length, {inputs.text('alphabet', alphabet)}", xlim=(0.5, 20.5), xticks=lengths[1::2])
    axes.set_ylim(min(1e-11, 0.1 / max(rates.values())), max(1e31, 10.0 * symbols**20 / min(rates.values())))
    axes.legend(loc="upper left", fontsize=11)
    title = f"{_many(symbols**length)} identifiers, {machine}: {_duration(symbols**length / rates[machine])}"
    headline(fig, title)
    return fig, f"{title}. Lines of the time against lengths from 1 to 20 for {', '.join(map(str, rates))}."


_YEAR = 365.25 * 24 * 3600
_COUNTS = {10**6: "million", 10**9: "billion", 10**12: "trillion", 10**15: "quadrillion"}
_TIMES = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", _YEAR: "year"}


def _many(number):
    size = max((size for size in _COUNTS if size <= number), default=1)
    many = f"{number / size:.3g} {_COUNTS[size]}" if size > 1 else f"{number:,}"
    return many if number < 10**18 else "over 1,000 quadrillion"


def _duration(seconds):
    if seconds < 1:
        return "under a millisecond" if seconds < 1e-3 else f"{1000 * seconds:.0f} ms"
    if seconds >= 1e6 * _YEAR:
        return "over a trillion years" if seconds >= 1e12 * _YEAR else f"{_many(round(seconds / _YEAR))} years"
    size = max(size for size in _TIMES if size <= seconds)
    number = f"{seconds / size:.2g}" if seconds < 10 * size else f"{seconds / size:,.0f}"
    return f"{number} {_TIMES[size]}{'' if number == '1' else 's'}"


@as_picture
def two_rankings(cells, known, title):
    """An encrypted column beside what is known of similar people: the ten commonest of each as bars.

    cells, known: dicts from a ciphertext or value to its share, as encryption.shares gives them.
    """
    fig = Figure(figsize=(WIDTH, 4))
    fig.suptitle(inputs.text("title", title), x=0.01, ha="left", fontsize=13, fontweight="bold")
    cells, known, sides = _shares("cells", cells), _shares("known", known), fig.subplots(1, 2, sharex=True)
    names = ("what the thief sees", "what is known")
    for axes, share_of, name, colour in zip(sides, (cells, known), names, (BLUE, ORANGE), strict=True):
        labels, shown = list(map(str, share_of))[:10], list(share_of.values())[:10]
        labels = [f"{label[:6]}…" for label in labels] if share_of is cells else labels
        bars = axes.barh(range(len(shown)), shown, tick_label=labels, color=colour)
        axes.bar_label(bars, [f" {share:.0%}" for share in shown], fontsize=11)
        axes.set_title(name, fontsize=12, fontweight="normal")
        axes.set(xlabel="share of rows", xlim=(0, 1.2 * max(*cells.values(), *known.values())))
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1, 0))
    seen, public = (", ".join(f"{share:.0%}" for share in list(some.values())[:4]) for some in (cells, known))
    return fig, (
        f"{title}. Two bar charts, the 10 commonest of each. The four commonest: ciphertexts {seen}; "
        f"known values {public}."
    )


@as_picture
def surfacing(guessed, truth, curves, attacker, n, title=None):
    """A letter as an attacker reads it, right characters bold, above a curve of characters right for each attacker.

    guessed, truth: bytes of the same length, 1 to 396. curves: dict from an attacker's name, of at most three, to a
    dict from a number of letters under one key stream to the share of characters right in them. attacker, n: whose
    reading ``guessed`` is, and from how many letters.
    """
    guessed, truth = inputs.byte_string("guessed", guessed), inputs.byte_string("truth", truth)
    if len(guessed) != len(truth) or not 1 <= len(truth) <= 396:  # six lines of 66
        raise ValueError(f"guessed and truth must be equally long, 1 to 396 bytes, not {len(guessed)}, {len(truth)}.")
    curves = _entries("curves", curves, lambda name, given: _shares(name, given, inputs.whole))
    curve = curves[inputs.choice("attacker", attacker, curves)]
    n = inputs.choice("n", inputs.whole("n", n), curve)
    right = [a == b for a, b in zip(guessed, truth, strict=True)]
    if title is None:
        title = f"{n} letters, {attacker}: {np.mean(right):.0%} of hers is right"
    shown = [32 < byte < 127 or (byte == 32 and hit) for byte, hit in zip(guessed, right, strict=True)]
    read = "".join(chr(byte) if seen else "·" for byte, seen in zip(guessed, shown, strict=True))
    fig = page(4.4, dpi=120)
    fig.figimage(_written(read, right, fig), yo=round(fig.bbox.height) // 2, zorder=-1)  # the curve lies below
    axes = panel(fig, 0.84, 0.53, 7.39, 1.58)
    for (name, shares), colour in picture.coloured(curves.items(), (ORANGE, BLUE, GREEN)):
        axes.plot(list(shares), [100 * share for share in shares.values()], color=colour, linewidth=1.5, label=name)
        if name == attacker:
            axes.plot(n, 100 * curve[n], "o", color=colour, markersize=11)
    axes.set(xlabel="letters that share the key stream", ylabel="% of characters right", ylim=(0, 105))
    axes.set_xlim(0, max(map(max, curves.values())) + 1)
    axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    axes.legend(loc="lower right", fontsize=11)
    headline(fig, inputs.text("title", title))
    readable = "".join(character if hit else "·" for character, hit in zip(read[:100], right, strict=False))
    return fig, (
        f"{title}. Her letter as the attacker reads it begins, wrong characters as dots: {readable}. Below, a curve "
        f"for each attacker; this one reads {curve[n]:.0%} of the characters of all {n} letters."
    )


def _written(text, right, fig):
    """The upper half of ``fig`` as pixels, with a text: Pillow draws it in a tenth of Matplotlib's time."""
    width, height = map(round, fig.bbox.size)
    paper = Image.new("RGB", (width, height // 2), "white")
    for wanted, weight, colour in ((True, "bold", BLACK), (False, "normal", VERMILION)):
        face = findfont(FontProperties(family="DejaVu Sans Mono", weight=weight))
        font = ImageFont.truetype(face, 13 * fig.dpi / 72, layout_engine=ImageFont.Layout.BASIC)
        shown = "".join(character if hit == wanted else " " for character, hit in zip(text, right, strict=True))
        for line, start in enumerate(range(0, len(shown), 66)):
            place = (0.02 * width, (0.14 + 0.062 * line) * height)
            ImageDraw.Draw(paper).text(place, shown[start : start + 66], colour, font, anchor="ls")
    return np.asarray(paper)


@as_picture
def length_counts(sizes, title, hers):
    """Which lengths occur, and how many messages have each. Messages alone with theirs are red-orange.

    sizes: dict from a message's title to the bytes of its ciphertext. hers: the one to point out.
    """
    sizes, hers = _entries("sizes", sizes, inputs.real, above=0), inputs.choice("hers", hers, sizes)
    values, counts = np.unique(list(sizes.values()), return_counts=True)
    same = int(counts[values == sizes[hers]][0])
    fig, axes = plain_axes(3.3, 0.67)
    for alone, colour, label in ((True, VERMILION, "alone with its length"), (False, BLUE, "several of one length")):
        chosen = (counts == 1) == alone
        axes.vlines(values[chosen], 0, counts[chosen], color=colour, linewidth=2, label=label)
    axes.plot(sizes[hers], same, "v", color=BLACK, markersize=10)
    side = "right" if sizes[hers] > 20_000 else "left"  # the axis ends soon
    axes.text(sizes[hers], same + 0.06 * (counts.max() + 1), f" hers: 1 of {same} ", fontweight="bold", ha=side)
    axes.set_xscale("log")
    axes.set_xticks([100, 1000, 10_000, 100_000], ["100", "1,000", "10,000", "100,000"])
    axes.minorticks_off()
    axes.set(xlabel="bytes of ciphertext", ylabel="pages", ylim=(0, 1.25 * (counts.max() + 1)))
    axes.set_xlim(min(100, 0.8 * values[0]), max(150_000, 1.2 * values[-1]))
    axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5, integer=True))
    axes.legend(loc="upper left", fontsize=11, ncols=2, bbox_to_anchor=(0, 1.02))
    headline(fig, inputs.text("title", title))
    return fig, (
        f"{title}. {len(sizes)} pages have {len(values)} different lengths; {int((counts == 1).sum())} are alone with "
        f"theirs. Hers is one of {same} with its length."
    )
