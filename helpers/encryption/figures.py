"""The figures of lesson 1. Each returns a Picture.

What a widget redraws is laid out by hand: constrained layout takes longer than the drawing.
"""

import matplotlib
import matplotlib.patches
import matplotlib.ticker
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

from ..picture import BLACK, BLUE, GREY, ORANGE, VERMILION, WIDTH, as_picture, headline


@as_picture
def cipher_picture(picture, ciphertext, title):
    """A grey picture beside its ciphertext, each byte of which is drawn as one grey pixel.

    picture: uint8, shape (h, w). ciphertext: h * w bytes.
    """
    return _cipher_pictures({"picture": picture, "ciphertext": _as_picture(ciphertext, picture)}, title)


@as_picture
def cipher_pictures(picture, ciphertexts, title):
    """A grey picture beside several ciphertexts of it.

    picture: uint8, shape (h, w). ciphertexts: dict from a label to h * w bytes.
    """
    drawn = {name: _as_picture(ciphertext, picture) for name, ciphertext in ciphertexts.items()}
    return _cipher_pictures({"picture": picture} | drawn, title)


def _as_picture(ciphertext, picture):
    return np.frombuffer(ciphertext, np.uint8).reshape(picture.shape)


def _cipher_pictures(pictures, title):
    n, gap, top, bottom = len(pictures), 0.1, 0.45, 0.35  # inches
    side = min((WIDTH - (n - 1) * gap) / n, 3.4)
    height = side + top + bottom
    dpi = next(iter(pictures.values())).shape[1] / side if n == 2 else 120  # two: a pixel for a pixel
    fig = Figure(figsize=(WIDTH, height), layout="none", dpi=dpi)
    for i, (name, pixels) in enumerate(pictures.items()):
        axes = fig.add_axes((i * (side + gap) / WIDTH, bottom / height, side / WIDTH, side / height))
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
    fig = Figure(figsize=(WIDTH, 3.8), layout="none")
    axes = fig.add_axes((0.17, 0.15, 0.81, 0.72))
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
    words = {10**6: "million", 10**9: "billion", 10**12: "trillion", 10**15: "quadrillion"}
    for size, word in reversed(words.items()):
        if number >= 1000 * size:
            return f"over 1,000 {word}" if size == 10**15 else f"{number / size:,.0f} {word}"
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
def two_rankings(cells, known, title, most=10):
    """An encrypted column beside what is known of similar people: bars, commonest first.

    cells, known: dicts from a ciphertext or value to its share, as encryption.shares gives them.
    """
    fig = Figure(figsize=(WIDTH, 4))
    left, right = fig.subplots(1, 2, sharex=True)
    limit = 1.2 * max(*cells.values(), *known.values())
    for axes, share_of, name, colour in (
        (left, cells, "what the thief sees", BLUE), (right, known, "what is known", ORANGE),
    ):  # fmt: skip
        names = [f"{value[:6]}…" if axes is left else str(value) for value in share_of][:most][::-1]
        numbers = list(share_of.values())[:most][::-1]
        axes.barh(range(len(numbers)), numbers, color=colour)
        axes.set_yticks(range(len(numbers)), names)
        for i, number in enumerate(numbers):
            axes.text(number, i, f" {number:.0%}", va="center", fontsize=11)
        axes.set(xlabel="share of rows", xlim=(0, limit))
        axes.set_title(name, fontsize=12, fontweight="normal")
        axes.xaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1, 0))
    fig.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    tops = "; ".join(
        f"{name} {', '.join(f'{share:.0%}' for share in list(share_of.values())[:4])}"
        for name, share_of in (("ciphertexts", cells), ("known values", known))
    )
    return fig, f"{title}. Two bar charts, the {most} commonest of each. The four commonest: {tops}."


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

    table: DataFrame of ciphertexts, a few rows. read, fool: dicts from a column to the share of
    its rows that the attack, and a guess, get right. hers: the row to point out.
    """
    fig = Figure(figsize=(WIDTH, 4.5), layout="none")
    axes = fig.add_axes((0, 0.48, 1, 0.42))
    axes.set(xlim=(0, 1), ylim=(len(table) + 0.1, -1.1))
    axes.set_axis_off()
    tints = ("#8fc3e8", "#fff0b8", "#b9b9b9", "#e9a06b")  # they differ in lightness too
    for j, column in enumerate(table):
        x = 0.12 + 0.22 * j
        axes.text(x + 0.1, -0.5, column, ha="center", va="center", fontweight="bold")
        distinct = [cell for cell in dict.fromkeys(table[column]) if cell == cell and cell is not None]
        for i, cell in enumerate(table[column]):
            if cell not in distinct:
                axes.text(x + 0.1, i + 0.5, "missing", ha="center", va="center", color=GREY)
                continue
            tint = tints[distinct.index(cell)]
            axes.add_patch(matplotlib.patches.Rectangle((x, i + 0.06), 0.2, 0.88, color=tint, linewidth=0))
            text = f"{cell:,}" if isinstance(cell, int) else f"{cell[-10:]}"
            axes.text(x + 0.1, i + 0.5, text, ha="center", va="center", family="monospace")
    for i, row in enumerate(table.index):
        bold = "bold" if row == hers else "normal"
        axes.text(0.11, i + 0.5, "Iona" if row == hers else row, ha="right", va="center", fontweight=bold)
    below = fig.add_axes((0.12, 0.07, 0.87, 0.3))
    spots = np.arange(len(read))
    for scores, step, colour, label in ((read, -0.2, BLUE, "attack"), (fool, 0.2, GREY, "always the commonest value")):
        below.bar(spots + step, [100 * scores[name] for name in table], width=0.38, color=colour, label=label)
        for spot, name in zip(spots, table, strict=True):
            number = f"{100 * scores[name]:.0f}"
            below.text(spot + step, 100 * scores[name] + 2, number, ha="center", fontsize=11)
    below.set_xticks(spots, list(table))
    below.set(ylabel="% of rows read", ylim=(0, 118), xlim=(-0.5, len(read) - 0.5))
    fig.legend(*below.get_legend_handles_labels(), loc="upper right", bbox_to_anchor=(1, 0.475), ncols=2, fontsize=11)
    headline(fig, title)
    scores = "; ".join(f"{name} {read[name]:.0%} (guess {fool[name]:.0%})" for name in table)
    return fig, f"{title}. Above, {len(table)} encrypted rows. Below, rows read: {scores}."


@as_picture
def surfacing(guessed, truth, curve, n, title=None):
    """A text as an attacker reads it, right letters bold, above the curve of letters right.

    guessed, truth: bytes of the same length. curve: dict from a number of texts under one key
    stream to the share of letters right in them. n: the number that gave ``guessed``.
    """
    right = [a == b for a, b in zip(guessed, truth, strict=True)]
    title = title or f"{n} letters under one key stream: {np.mean(right):.0%} of hers is right"
    # A wrong blank would not be seen.
    letters = [
        chr(byte) if 32 < byte < 127 or (byte == 32 and hit) else "·" for byte, hit in zip(guessed, right, strict=True)
    ]
    fig = Figure(figsize=(WIDTH, 4.4), layout="none", dpi=120)
    # Pillow draws so many letters in a tenth of the time that Matplotlib takes.
    width, height = round(WIDTH * fig.dpi), round(4.4 * fig.dpi)
    page = Image.new("RGB", (width, height // 2), "white")  # the curve fills the lower half
    pen = ImageDraw.Draw(page)
    per_line = 66
    for wanted, weight, colour in ((True, "bold", BLACK), (False, "normal", VERMILION)):
        face = FontProperties(family="DejaVu Sans Mono", weight=weight)
        font = ImageFont.truetype(findfont(face), 13 * fig.dpi / 72, layout_engine=ImageFont.Layout.BASIC)
        shown = "".join(letter if hit == wanted else " " for letter, hit in zip(letters, right, strict=True))
        for line, start in enumerate(range(0, len(shown), per_line)):
            place = (0.02 * width, (0.14 + 0.062 * line) * height)
            pen.text(place, shown[start : start + per_line], colour, font, anchor="ls")
    fig.figimage(np.asarray(page), yo=height - page.height, zorder=-1)
    axes = fig.add_axes((0.1, 0.12, 0.88, 0.36))
    axes.plot(list(curve), [100 * share for share in curve.values()], color=GREY, linewidth=1.5)
    axes.plot(n, 100 * curve[n], "o", color=BLUE, markersize=11)
    axes.text(n + 0.7, 100 * curve[n] - 12, f"{curve[n]:.0%}", color=BLUE, fontweight="bold")
    axes.set(xlabel="letters that share the key stream", ylabel="% of all letters right", ylim=(0, 105))
    axes.set_xlim(0, max(curve) + 4)
    headline(fig, title)
    readable = "".join(letters[i] if right[i] else "·" for i in range(min(len(letters), 100)))
    return fig, (
        f"{title}. Her letter as the attacker reads it begins, wrong letters as dots: {readable}. Below, a curve: "
        f"{curve[n]:.0%} of the characters of all {n} letters are right."
    )


@as_picture
def lengths(sizes, title, hers):
    """Which lengths occur, and how many messages have each. Messages alone with theirs are red.

    sizes: dict from a message's title to the bytes of its ciphertext. hers: the one to point out.
    """
    values, counts = np.unique(list(sizes.values()), return_counts=True)
    fig = Figure(figsize=(WIDTH, 3.3), layout="none")
    axes = fig.add_axes((0.08, 0.18, 0.9, 0.7))
    for alone, colour, label in ((True, VERMILION, "alone with its length"), (False, BLUE, "several of one length")):
        chosen = (counts == 1) == alone
        axes.vlines(values[chosen], 0, counts[chosen], color=colour, linewidth=2, label=label)
    own = sizes[hers]
    same = int(counts[values == own][0])
    axes.plot(own, same, "v", color=BLACK, markersize=10)
    axes.text(own, same + 0.06 * (counts.max() + 1), f" hers: 1 of {same}", fontweight="bold")
    axes.set_xscale("log")
    ticks = [10**k for k in range(2, 6)]
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.set(xlabel="bytes of ciphertext", ylabel="pages", xlim=(100, 150_000), ylim=(0, 1.25 * (counts.max() + 1)))
    axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5, integer=True))
    axes.legend(loc="upper left", fontsize=11, ncols=2, bbox_to_anchor=(0, 1.02))
    headline(fig, title)
    return fig, (
        f"{title}. {len(sizes)} pages have {len(values)} different lengths; {int((counts == 1).sum())} are alone with "
        f"theirs. Hers is one of {same} with its length."
    )
