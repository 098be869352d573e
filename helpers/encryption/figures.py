"""The figures of lesson 1. Each returns a Picture.

What a widget redraws is laid out by hand: constrained layout takes longer than the drawing.
"""

import matplotlib
import matplotlib.ticker
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

from ..picture import BLACK, BLUE, GREY, ORANGE, VERMILION, WIDTH, as_picture, headline, page, panel, plain_axes


@as_picture
def cipher_pictures(picture, ciphertexts, title):
    """A grey picture beside ciphertexts of it, each byte of which is drawn as one grey pixel.

    picture: uint8, shape (h, w). ciphertexts: dict from a label to h * w bytes.
    """
    drawn = {name: np.frombuffer(text, np.uint8).reshape(picture.shape) for name, text in ciphertexts.items()}
    pictures = {"picture": picture} | drawn
    n, gap, top, bottom = len(pictures), 0.1, 0.45, 0.35  # inches
    side = min((WIDTH - (n - 1) * gap) / n, 3.4)
    fig = page(side + top + bottom, dpi=picture.shape[1] / side if n == 2 else 120)  # two: a pixel for a pixel
    for i, (name, pixels) in enumerate(pictures.items()):
        axes = panel(fig, i * (side + gap), bottom, side, side)
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
        axes.set_axis_off()
        axes.text(0.5, -0.03, name, transform=axes.transAxes, ha="center", va="top")
    headline(fig, title)
    return fig, f"{title}. Side by side: {', '.join(pictures)}."


@as_picture
def time_to_try(rates, machine, symbols, alphabet, length):
    """How long it takes to try every identifier of a length: a line for each machine.

    rates: dict from a machine's name to the identifiers that it tries in a second. machine: the
    one to point out. symbols: how many characters each place allows; alphabet: their name.
    """
    fig, axes = plain_axes(3.8, 1.43)
    lengths = np.arange(1, 21)
    for (name, rate), colour in zip(rates.items(), (GREY, BLUE, VERMILION), strict=False):
        axes.plot(lengths, symbols**lengths.astype(float) / rate, color=colour, label=name,
                  linewidth=3 if name == machine else 1.2)  # fmt: skip
        if name == machine:
            axes.plot(length, float(symbols) ** length / rate, "o", color=colour, markersize=11)
    marks = {"1 ms": 1e-3, "1 second": 1, "1 hour": 3600, "1 year": _YEAR, "1,000 years": 1e3 * _YEAR,
             "a billion years": 1e9 * _YEAR}  # fmt: skip
    axes.set_yscale("log")
    axes.set_yticks(list(marks.values()), list(marks))
    axes.minorticks_off()
    axes.grid(axis="y", color="#dddddd")
    axes.set(xlabel=f"length, {alphabet}", xlim=(0.5, 20.5), ylim=(1e-8, 1e31), xticks=lengths[1::2])
    axes.legend(loc="upper left", fontsize=11)
    many, long = _many(symbols**length), _duration(symbols**length / rates[machine])
    title = f"{many} identifiers, {machine}: {long}"
    headline(fig, title)
    return fig, f"{title}. Lines of the time against lengths from 1 to 20 for {', '.join(rates)}."


_YEAR = 365.25 * 24 * 3600


def _many(number):
    if number >= 10**18:
        return "over 1,000 quadrillion"
    for size, word in ((10**15, "quadrillion"), (10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.3g} {word}"
    return f"{number:,}"


def _duration(seconds):
    units = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "year": _YEAR}
    if seconds < 1e-3:
        return "under a millisecond"
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds >= 1e12 * _YEAR:
        return "over a trillion years"
    if seconds >= 1e6 * _YEAR:
        return f"{_many(round(seconds / _YEAR))} years"
    name, size = [(name, size) for name, size in units.items() if seconds >= size][-1]
    number = f"{seconds / size:.2g}" if seconds < 10 * size else f"{seconds / size:,.0f}"
    return f"{number} {name}{'' if number == '1' else 's'}"


@as_picture
def two_rankings(cells, known, title):
    """An encrypted column beside what is known of similar people: the ten commonest of each as bars.

    cells, known: dicts from a ciphertext or value to its share, as encryption.shares gives them.
    """
    fig = Figure(figsize=(WIDTH, 4))
    left, right = fig.subplots(1, 2, sharex=True)
    for axes, share_of, labels, name, colour in (
        (left, cells, [f"{cell[:6]}…" for cell in cells], "what the thief sees", BLUE),
        (right, known, list(map(str, known)), "what is known", ORANGE),
    ):
        shown = list(share_of.values())[:10]
        bars = axes.barh(range(len(shown)), shown, tick_label=labels[:10], color=colour)
        axes.bar_label(bars, [f" {share:.0%}" for share in shown], fontsize=11)
        axes.set_title(name, fontsize=12, fontweight="normal")
        axes.set(xlabel="share of rows", xlim=(0, 1.2 * max(*cells.values(), *known.values())))
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1, 0))
    fig.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    seen, public = (", ".join(f"{share:.0%}" for share in list(some.values())[:4]) for some in (cells, known))
    return fig, (
        f"{title}. Two bar charts, the 10 commonest of each. The four commonest: ciphertexts {seen}; "
        f"known values {public}."
    )


@as_picture
def cumulative_shares(cells, known, title):
    """Two columns whose values have an order: the share of each value, and of all up to it.

    cells, known: dicts from a number to its share, as encryption.shares gives them.
    """
    fig = Figure(figsize=(WIDTH, 3.8))
    at = 0.4  # the level that shows how one side finds the other
    for axes, share_of, colour, xlabel in zip(
        fig.subplots(1, 2, sharey=True), (cells, known), (BLUE, ORANGE),
        ("ciphertexts, smallest first", "known ages"), strict=True,
    ):  # fmt: skip
        values = sorted(share_of)
        numbers = np.array([share_of[value] for value in values])
        spots = np.arange(1, len(values) + 1) if share_of is cells else np.array(values)
        rising = numbers.cumsum()
        axes.bar(spots, numbers, color=colour, width=0.8, label="at this value")
        axes.plot(spots, rising, color=colour, linewidth=2.5, label="up to this value")
        place = spots[np.searchsorted(rising, at)]
        axes.plot([spots[0], place, place], [at, at, 0], color=BLACK, linestyle="--", linewidth=1.3)
        axes.text(place + 0.5, at - 0.08, f"{'number' if share_of is cells else 'age'} {place}")
        axes.set(xlabel=xlabel, ylim=(0, 1.02))
        axes.legend(loc="upper left", fontsize=11)
        axes.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1, 0))
    fig.axes[0].set_ylabel("share of rows")
    fig.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    widest = max(*cells.values(), *known.values())
    return fig, (
        f"{title}. Left {len(cells)} ciphertexts in order, right {len(known)} known ages: no bar is over "
        f"{widest:.1%}; both lines rise alike from 0 to 100 %."
    )


@as_picture
def seen_and_recovered(table, read, fool, title, hers):
    """Some encrypted rows above what an attack reads of each column.

    table: DataFrame of ciphertexts, at most four rows. read, fool: dicts from a column to the share of
    its rows that the attack, and a guess, get right. hers: the row to point out.
    """
    fig = page(4.5)
    _rows_of_cells(panel(fig, 0, 2.16, WIDTH, 1.89), table, hers)
    axes = panel(fig, 1.01, 0.32, 7.3, 1.35)
    spots = np.arange(len(read))
    for scores, step, colour, label in ((read, -0.2, BLUE, "attack"), (fool, 0.2, GREY, "always the commonest value")):
        bars = axes.bar(spots + step, [100 * scores[name] for name in table], width=0.38, color=colour, label=label)
        axes.bar_label(bars, fmt="%.0f", fontsize=11)
    axes.set_xticks(spots, list(table))
    axes.set(ylabel="% of rows read", ylim=(0, 118), xlim=(-0.5, len(read) - 0.5))
    fig.legend(loc="upper right", bbox_to_anchor=(1, 0.475), ncols=2, fontsize=11)
    headline(fig, title)
    scores = "; ".join(f"{name} {read[name]:.0%} (guess {fool[name]:.0%})" for name in table)
    return fig, f"{title}. Above, {len(table)} encrypted rows. Below, rows read: {scores}."


def _rows_of_cells(axes, table, hers):
    axes.set(xlim=(0, 1), ylim=(len(table) + 0.1, -1.1))
    axes.set_axis_off()
    tints = ("#8fc3e8", "#fff0b8", "#b9b9b9", "#e9a06b")  # they differ in lightness too
    for i, row in enumerate(table.index):
        bold = "bold" if row == hers else "normal"
        axes.text(0.11, i + 0.5, "Iona" if row == hers else row, ha="right", va="center", fontweight=bold)
    for j, (column, cells) in enumerate(table.items()):
        x = 0.12 + 0.22 * j
        axes.text(x + 0.1, -0.5, column, ha="center", va="center", fontweight="bold")
        tint_of = dict(zip(cells.dropna().unique(), tints, strict=False))
        for i, cell in enumerate(cells):
            if cell not in tint_of:
                axes.text(x + 0.1, i + 0.5, "missing", ha="center", va="center", color=GREY)
                continue
            axes.barh(i + 0.5, 0.2, 0.88, left=x, color=tint_of[cell])
            text = f"{cell:,}" if isinstance(cell, int) else cell[-10:]
            axes.text(x + 0.1, i + 0.5, text, ha="center", va="center", family="monospace")


@as_picture
def surfacing(guessed, truth, curve, n, title=None):
    """A letter as an attacker reads it, right characters bold, above the curve of characters right.

    guessed, truth: bytes of the same length. curve: dict from a number of letters under one key
    stream to the share of characters right in them. n: the number that gave ``guessed``.
    """
    right = [a == b for a, b in zip(guessed, truth, strict=True)]
    title = title or f"{n} letters under one key stream: {np.mean(right):.0%} of hers is right"
    # A wrong blank would not be seen.
    read = "".join(
        chr(byte) if 32 < byte < 127 or (byte == 32 and hit) else "·" for byte, hit in zip(guessed, right, strict=True)
    )
    fig = page(4.4, dpi=120)
    fig.figimage(_written(read, right, fig), yo=round(fig.bbox.height) // 2, zorder=-1)  # the curve lies below
    axes = panel(fig, 0.84, 0.53, 7.39, 1.58)
    axes.plot(list(curve), [100 * share for share in curve.values()], color=GREY, linewidth=1.5)
    axes.plot(n, 100 * curve[n], "o", color=BLUE, markersize=11)
    axes.text(n + 0.7, 100 * curve[n] - 12, f"{curve[n]:.0%}", color=BLUE, fontweight="bold")
    axes.set(xlabel="letters that share the key stream", ylabel="% of characters right", ylim=(0, 105))
    axes.set_xlim(0, max(curve) + 4)
    headline(fig, title)
    readable = "".join(character if hit else "·" for character, hit in zip(read[:100], right, strict=False))
    return fig, (
        f"{title}. Her letter as the attacker reads it begins, wrong characters as dots: {readable}. Below, a curve: "
        f"{curve[n]:.0%} of the characters of all {n} letters are right."
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
    """Which lengths occur, and how many messages have each. Messages alone with theirs are red.

    sizes: dict from a message's title to the bytes of its ciphertext. hers: the one to point out.
    """
    values, counts = np.unique(list(sizes.values()), return_counts=True)
    same = int(counts[values == sizes[hers]][0])
    fig, axes = plain_axes(3.3, 0.67)
    for alone, colour, label in ((True, VERMILION, "alone with its length"), (False, BLUE, "several of one length")):
        chosen = (counts == 1) == alone
        axes.vlines(values[chosen], 0, counts[chosen], color=colour, linewidth=2, label=label)
    axes.plot(sizes[hers], same, "v", color=BLACK, markersize=10)
    axes.text(sizes[hers], same + 0.06 * (counts.max() + 1), f" hers: 1 of {same}", fontweight="bold")
    axes.set_xscale("log")
    axes.set_xticks([100, 1000, 10_000, 100_000], ["100", "1,000", "10,000", "100,000"])
    axes.minorticks_off()
    axes.set(xlabel="bytes of ciphertext", ylabel="pages", xlim=(100, 150_000), ylim=(0, 1.25 * (counts.max() + 1)))
    axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5, integer=True))
    axes.legend(loc="upper left", fontsize=11, ncols=2, bbox_to_anchor=(0, 1.02))
    headline(fig, title)
    return fig, (
        f"{title}. {len(sizes)} pages have {len(values)} different lengths; {int((counts == 1).sum())} are alone with "
        f"theirs. Hers is one of {same} with its length."
    )
