"""The pack's figures, one function each. Every function returns a Picture.

Colours are those of M. Okabe and K. Ito, which stay apart under the common
colour-vision deficiencies. Text is large enough for a projector.
"""

import base64
import functools
import html
import io

import matplotlib
import matplotlib.patches
import matplotlib.ticker
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

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
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[..., :3]
        # A figure in grey takes a third of the bytes with one channel: pictures of ciphertexts do not compress.
        grey = np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 0], pixels[..., 2])
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels[..., 0] if grey else pixels)).save(buffer, "png", compress_level=3)
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


# --- 01 Encryption pitfalls ---------------------------------------------------
# What a widget redraws is laid out by hand: constrained layout takes longer than the drawing.


@figure
def cipher_picture(picture, ciphertext, title):
    """A grey picture beside its ciphertext, each byte of which is drawn as one grey pixel.

    picture: uint8, shape (h, w). ciphertext: h * w bytes.
    """
    return _cipher_pictures({"picture": picture, "ciphertext": _as_picture(ciphertext, picture)}, title)


@figure
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
    _headline(fig, title)
    return fig, f"{title}. Side by side: {', '.join(pictures)}."


def _headline(fig, title, x=0.0):
    """The title of a figure that is laid out by hand."""
    height = fig.get_figheight()
    fig.text(x, 1 - 0.08 / height, title, fontsize=13, fontweight="bold", va="top", parse_math=False)


@figure
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
    _headline(fig, title)
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


@figure
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


@figure
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


@figure
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
    _headline(fig, title)
    scores = "; ".join(f"{name} {read[name]:.0%} (guess {fool[name]:.0%})" for name in table)
    return fig, f"{title}. Above, {len(table)} encrypted rows. Below, rows read: {scores}."


@figure
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
    _headline(fig, title)
    readable = "".join(letters[i] if right[i] else "·" for i in range(min(len(letters), 100)))
    return fig, (
        f"{title}. Her letter as the attacker reads it begins, wrong letters as dots: {readable}. Below, a curve: "
        f"{curve[n]:.0%} of the characters of all {n} letters are right."
    )


@figure
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
    _headline(fig, title)
    return fig, (
        f"{title}. {len(sizes)} pages have {len(values)} different lengths; {int((counts == 1).sum())} are alone with "
        f"theirs. Hers is one of {same} with its length."
    )


# --- 02 De-anonymisation ------------------------------------------------------
# What a widget redraws is laid out by hand: constrained layout takes longer than all the rest.

GROUPS = {"1": 1, "2–4": 4, "5–9": 9, "10–99": 99, "100–999": 999, "1,000 or more": np.inf}


def _plain_axes(height, left, bottom=0.62, right=0.15, top=0.5):
    """A figure of WIDTH × height inches with one axes, its margins in inches."""
    fig = Figure(figsize=(WIDTH, height), layout="none")
    inside = ((WIDTH - left - right) / WIDTH, (height - bottom - top) / height)
    return fig, fig.add_axes((left / WIDTH, bottom / height, *inside))


@figure
def group_histogram(sizes, columns):
    """How many people look like a person: the share of people in groups of each size; unique ones stand out.

    sizes: from reidentification.group_sizes. columns: what is known of everybody, to print.
    """
    place = np.searchsorted([limit for limit in GROUPS.values()], sizes)
    shares = 100 * np.bincount(place, minlength=len(GROUPS)) / len(sizes)
    fig, axes = _plain_axes(3.2, left=0.8, top=0.75)
    axes.bar(list(GROUPS), shares, color=[VERMILION] + [BLUE] * (len(GROUPS) - 1))
    for i, share in enumerate(shares):
        axes.text(i, share, f"{share:.1f}", ha="center", va="bottom")
    known = ", ".join(columns) or "nothing"
    title = f"{shares[0]:.1f} % are unique; the smallest group has {min(sizes):,}"
    axes.set_title(title, pad=26)
    axes.text(0, 1.04, f"known: {known}", transform=axes.transAxes, fontsize=11)
    axes.set(xlabel="people who look the same, the person included", ylabel="% of people", ylim=(0, 112))
    parts = "; ".join(f"{name}: {share:.1f}" for name, share in zip(GROUPS, shares, strict=True))
    return fig, f"Known: {known}. {title}. Per cent of people by size of their group: {parts}."


@figure
def stacked_bars(table, title, xlabel, colours=(BLUE, VERMILION, "#D0D0D0")):
    """Horizontal bars of parts: one bar a row of ``table``, one colour a column, with their values."""
    left = 0.25 + 0.1 * max(len(str(name)) for name in table.index)
    fig, axes = _plain_axes(1.75 + 0.42 * len(table), left, top=0.9)
    start = np.zeros(len(table))
    for column, colour in zip(table.columns, colours, strict=False):
        axes.barh(range(len(table)), table[column], left=start, color=colour, label=column, height=0.75)
        for i, value in enumerate(table[column]):
            if value >= 4:
                light = colour in (BLUE, VERMILION, GREY, BLACK)
                axes.text(start[i] + value / 2, i, f"{value:.0f}", ha="center", va="center",
                          color="white" if light else "black")  # fmt: skip
        start = start + table[column].to_numpy()
    axes.set_yticks(range(len(table)), table.index)
    axes.invert_yaxis()
    axes.set(xlabel=xlabel, xlim=(0, max(start)))
    axes.set_title(title, pad=34)
    axes.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, fontsize=11)
    rows = (f"{name}: " + ", ".join(f"{c} {row[c]:.1f}" for c in table.columns) for name, row in table.iterrows())
    return fig, f"{title}. {xlabel}. {'; '.join(rows)}."


@figure
def anonymity(table, k, note):
    """What k-anonymity costs and what it leaves: exposed people and lost detail for every k, one k marked.

    table: one row a k; columns "exposed: other", "exposed: Republican", "by chance", "80 % agree" and
    "loss of detail", all in per cent. note: a sentence about the marked k.
    """
    fig, axes = _plain_axes(3.9, left=0.75, top=0.8)
    spots = np.arange(len(table))
    other, republican = table["exposed: other"], table["exposed: Republican"]
    axes.bar(spots, other, color=BLUE, width=0.6, label="exposed: other")
    axes.bar(spots, republican, bottom=other, color=ORANGE, width=0.6, label="exposed: Republican")
    axes.plot(spots, table["by chance"], "D", color=BLACK, label="exposed if answers were shuffled")
    axes.plot(spots, table["80 % agree"], "s-", color=VERMILION, label="in classes that agree at 80 % or more")
    axes.plot(spots, table["loss of detail"], "o--", color=GREEN, label="detail lost")
    here = list(table.index).index(k)
    axes.axvspan(here - 0.45, here + 0.45, color=YELLOW, alpha=0.35, zorder=0)
    axes.set_xticks(spots, table.index)
    top = max(float((other + republican).max()), float(table["80 % agree"].max()))
    axes.set(xlabel="k: people who look alike at least", ylabel="%", ylim=(0, 1.25 * top))
    row = table.loc[k]
    title = f"k = {k}: {other[k] + republican[k]:.1f} % are exposed, {row['loss of detail']:.1f} % of detail is lost"
    axes.set_title(title, pad=26)
    axes.text(0, 1.04, note, transform=axes.transAxes, fontsize=11)
    axes.legend(fontsize=11, loc="upper right")  # finding the best place takes long
    return fig, (
        f"{title}. Other {other[k]:.1f}, Republican {republican[k]:.1f}; with shuffled answers "
        f"{row['by chance']:.1f} % would be. In classes that agree at 80 % or more: {row['80 % agree']:.1f} %. {note}"
    )


@figure
def suspects(names, scores, threshold=1.5, known=(), shown=8):
    """The best suspects' scores, and the line that the second must stay left of for a claim.

    names: one text a candidate; those called "Iona" are drawn in another colour. scores: shape (n,).
    known: what is known of the target, up to four short texts, to print.
    """
    scores = np.asarray(scores, float)
    order = np.argsort(-scores, kind="stable")[:shown]
    best, second, spread = scores[order[0]], scores[order[1]], scores.std()
    ahead = (best - second) / spread if best > second else 0.0
    claimed = best > second and ahead >= threshold
    note = "\n".join("; ".join(known[i : i + 2]) for i in range(0, len(known), 2))
    extra = 0.2 * note.count("\n") + 0.25 * bool(note)
    fig, axes = _plain_axes(3.6 + extra, left=1.3, top=0.5 + extra)
    axes.barh(range(len(order)), scores[order], color=[ORANGE if names[i] == "Iona" else BLUE for i in order])
    axes.set_yticks(range(len(order)), [names[i] for i in order])
    axes.invert_yaxis()
    line = best - threshold * spread
    axes.axvline(line, color=VERMILION, linestyle="--", linewidth=2)
    who = names[order[0]]
    title = f"{ahead:.1f} σ ahead: claim “{who}”" if claimed else f"{ahead:.1f} σ ahead: no claim"
    axes.text(0, 1.03, note, transform=axes.transAxes, fontsize=11)
    axes.set_title(title, pad=10 + 72 * extra)
    axes.set(
        xlabel=f"score (dashed line: best − {threshold} σ)", xlim=(min(0, line * 1.05), 1.08 * best if best > 0 else 1)
    )
    listed = ", ".join(f"{names[i]} {scores[i]:.2f}" for i in order[:3])
    heard = f" Known: {'; '.join(known)}." if known else ""
    return fig, f"{title}. Best three: {listed}. The line stands at {line:.2f}, and the second at {second:.2f}.{heard}"


@figure
def curves(table, title, xlabel, ylabel, baselines=(), marked=None, limit=None):
    """Lines over evenly spaced positions: one line a column of ``table``, one position a row.

    baselines: as in paired_bars. marked: a row to mark with an upright line. limit: top of the axis.
    """
    fig = Figure(figsize=(WIDTH, 3.7))
    axes = fig.add_subplot()
    spots = np.arange(len(table))
    for column, colour, shape in zip(table.columns, (BLUE, ORANGE, GREEN, PURPLE, VERMILION), "osD^v", strict=False):
        axes.plot(spots, table[column], color=colour, marker=shape, linewidth=2.2, label=column)
    for height, label in baselines:
        axes.axhline(height, color=GREY, linestyle="--", linewidth=1.5, label=label)
    if marked is not None:
        axes.axvline(list(table.index).index(marked), color=BLACK, linestyle=":", linewidth=1.5)
    axes.set_xticks(spots, [f"{x:,}" if isinstance(x, (int, np.integer)) else str(x) for x in table.index])
    top = limit or 1.08 * float(np.nanmax(table.to_numpy(float)))
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(0, top))
    axes.legend(fontsize=11, loc="center left", bbox_to_anchor=(1.01, 0.5))
    ends = "; ".join(f"{c}: " + ", ".join(f"{x} {v:.3g}" for x, v in table[c].items() if v == v) for c in table.columns)
    return fig, f"{title}. {ylabel} by {xlabel}: {ends}."


@figure
def reconstruction(right, table, queries, baseline):
    """Who was reconstructed rightly, as a grid of people, beside the share right for every number of queries.

    right: booleans, one a person. table: one row a number of queries, the share right in per cent.
    queries: the marked row. baseline: what the commonest answer for all would get, in per cent.
    """
    share = 100 * float(np.mean(right))
    fig = Figure(figsize=(WIDTH, 3.5), layout="none")
    grid = fig.add_axes((0.02, 0.06, 0.4, 0.78))
    wide = 20
    high = -(-len(right) // wide)
    colours = np.ones((high * wide, 3))
    colours[: len(right)] = np.where(np.asarray(right)[:, None], matplotlib.colors.to_rgb(GREEN),
                                     matplotlib.colors.to_rgb(VERMILION))  # fmt: skip
    grid.imshow(colours.reshape(high, wide, 3), interpolation="nearest", aspect="equal")
    grid.set_xticks(np.arange(wide + 1) - 0.5, [])
    grid.set_yticks(np.arange(high + 1) - 0.5, [])
    grid.grid(color="white", linewidth=2)
    grid.tick_params(length=0)
    grid.spines[:].set_visible(False)
    grid.set_title(f"{share:.0f} % right (green)")
    axes = fig.add_axes((0.53, 0.21, 0.45, 0.63))
    spots = np.arange(len(table))
    axes.plot(spots, table.to_numpy(), color=BLUE, marker="o", linewidth=2)
    here = list(table.index).index(queries)
    axes.plot(here, table[queries], "o", color=BLACK, markersize=11)
    axes.axhline(baseline, color=GREY, linestyle="--", linewidth=1.5)
    axes.text(len(table) - 1, baseline - 1.5, "guess", ha="right", va="top", color=GREY)
    axes.set_xticks(spots, [f"{m:,}" for m in table.index], fontsize=11, rotation=45)
    axes.set(xlabel="questions", ylabel="% right", ylim=(40, 103))
    axes.set_title("Above the guess" if share > baseline + 0.5 else "Not above the guess")
    return fig, (
        f"{queries:,} questions: {share:.0f} % of {len(right)} people right (green in a grid of squares), the rest "
        f"wrong (red); the guess reaches {baseline:.0f} %. Curve by questions: "
        + ", ".join(f"{m} {v:.0f}" for m, v in table.items())
        + "."
    )


# --- 04 What helps ------------------------------------------------------------


@figure
def two_worlds(epsilon, prior):
    """A noisy count in two worlds that differ by one person's answer, and what a reader may come to believe.

    epsilon: of the Laplace mechanism. prior: belief before that the person's answer is yes, from 0 to 1.
    """
    from .defences import strongest_belief  # loads torch, which the other figures do not need

    height = 3.5
    fig = Figure(figsize=(WIDTH, height), layout="none")
    axes = fig.add_axes((0.09, 0.62 / height, 0.52, (height - 1.12) / height))
    beyond = np.linspace(-8, 9, 681)
    without, with_her = (epsilon / 2 * np.exp(-epsilon * np.abs(beyond - answer)) for answer in (0, 1))
    axes.fill_between(beyond, without, color=SKY, alpha=0.5, linewidth=0, label="she is not in debt")
    axes.fill_between(beyond, with_her, color=ORANGE, alpha=0.5, linewidth=0, label="she is in debt")
    axes.plot(beyond, without, color=BLUE, linewidth=2)
    axes.plot(beyond, with_her, color=VERMILION, linewidth=2)
    axes.set(xlabel="published count minus all the others", ylabel="how likely", xlim=(-8, 9), yticks=[])
    axes.set_ylim(0, 1.35 * epsilon / 2)
    axes.legend(loc="upper left", fontsize=11, ncols=2, columnspacing=1)
    belief = strongest_belief(prior, epsilon)
    right = fig.add_axes((0.75, 0.62 / height, 0.23, (height - 1.12) / height))
    right.bar(["before", "at most\nafter"], [100 * prior, 100 * belief], color=[GREY, VERMILION], width=0.6)
    for i, value in enumerate((100 * prior, 100 * belief)):
        right.text(i, value + 2, f"{value:.0f} %", ha="center")
    right.axhline(50, color=BLACK, linestyle=":", linewidth=1.5)
    right.set(ylim=(0, 112), ylabel="belief that she is, %")
    title = f"ε = {epsilon:g}: odds grow {np.exp(epsilon):,.3g} times at most, belief to {belief:.0%}"
    _headline(fig, title)
    return fig, (
        f"{title}. Left two peaked curves of the published count, one person apart, for the two worlds. "
        f"Right two bars: belief before {prior:.0%}, at most after {belief:.0%}; a line at 50 %."
    )


@figure
def attack_and_error(right, error, no_count, epsilon, questions, guess):
    """What a total ε does to an attack and to the use of the counts, one above the other.

    right, error, no_count: one row an ε, one column a number of questions: % of people right; people
    that a count is off; people that an estimate is off, if no count is published.
    epsilon, questions: the marked row and column. guess: % right without any count.
    """
    height = 5.2
    fig = Figure(figsize=(WIDTH, height), layout="none")
    spots, here = np.arange(len(right)), list(right.index).index(epsilon)
    above = fig.add_axes((0.12, 0.55, 0.85, 0.33))
    below = fig.add_axes((0.12, 0.12, 0.85, 0.33))
    for column in right.columns:
        strong = column == questions
        style = {"color": BLUE if strong else "#BBBBBB", "linewidth": 2.6 if strong else 1.3, "marker": "o"}
        above.plot(spots, right[column], **style, markersize=6 if strong else 3)
        below.plot(spots, error[column], **style, markersize=6 if strong else 3)
    above.axhline(guess, color=BLACK, linestyle="--", linewidth=1.5, label="guess: nobody is in debt")
    below.axhline(
        no_count.loc[epsilon, questions],
        color=BLACK,
        linestyle="--",
        linewidth=1.5,
        label="no count: a fifth of each group",
    )
    for axes, values in ((above, right), (below, error)):
        axes.plot(here, values.loc[epsilon, questions], "o", color=VERMILION, markersize=11)
        axes.axvline(here, color=VERMILION, linewidth=1, linestyle=":")
        axes.legend(loc="upper left" if axes is above else "upper right", fontsize=11)
    above.set(ylabel="% of people right", ylim=(70, 103), xticks=spots, xticklabels=[])
    below.set_yscale("log")
    below.set(ylabel="people off, a count", xlabel="total ε for all questions", ylim=(0.03, 9e3))
    below.set_xticks(spots, [f"{e:g}" for e in right.index])
    # Formulas such as 10³ take long to draw.
    below.set_yticks([0.1, 1, 10, 100, 1000], ["0.1", "1", "10", "100", "1,000"])
    below.minorticks_off()
    share, off = right.loc[epsilon, questions], error.loc[epsilon, questions]
    title = f"ε = {epsilon:g}, {questions} questions: {share:.0f} % right, counts {off:.3g} people off"
    _headline(fig, title)
    return fig, (
        f"{title}. Upper panel: the attack against ε, with the guess at {guess:.0f} %. Lower panel: the error of a "
        f"count, with {no_count.loc[epsilon, questions]:.1f} people for publishing none."
    )


@figure
def grid_tables(tables, titles, title):
    """Tables of per cent in colour, two in a row: NoPeek weights down, noise across.

    tables: DataFrames with the same index and columns. titles: one each.
    """
    rows = -(-len(tables) // 2)
    high = 2.35
    height = 0.45 + rows * high
    fig = Figure(figsize=(WIDTH, height), layout="none")
    for i, (table, name) in enumerate(zip(tables, titles, strict=True)):
        bottom = height - 0.45 - (i // 2 + 1) * high
        axes = fig.add_axes(
            ((0.75 + (i % 2) * 4.0) / WIDTH, (bottom + 0.6) / height, 3.55 / WIDTH, (high - 1) / height)
        )
        values = table.to_numpy(float)
        axes.imshow(values, cmap="cividis", vmin=0, vmax=100, aspect="auto")
        for y, x in np.ndindex(values.shape):
            if values[y, x] == values[y, x]:
                colour = "white" if values[y, x] < 55 else "black"
                axes.text(x, y, f"{values[y, x]:.0f}", ha="center", va="center", color=colour)
        axes.set_xticks(range(table.shape[1]), [f"{n:g}" for n in table.columns])
        axes.set_yticks(range(table.shape[0]), [f"{n:g}" for n in table.index])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title(name, fontsize=12, pad=5)
        axes.set_xlabel("scale of the noise", fontsize=11, labelpad=2)
        if i % 2 == 0:
            axes.set_ylabel("NoPeek", fontsize=11)
    _headline(fig, title)
    ends = "; ".join(
        f"{name}: {table.iloc[0, 0]:.0f} without a defence, {table.iloc[-1, -1]:.0f} with the most of both"
        for table, name in zip(tables, titles, strict=True)
    )
    return fig, f"{title}. Tables in colour. {ends}."


@figure
def grid_cell(cell, originals, tiles):
    """One cell of the grid: Iona's digits, what is sent for them, what each attacker draws and a reader reads.

    cell: a row of defences.read_grid(). originals: shape (4, 784). tiles: the row's pictures, shape (16, 784).
    """
    names = {"unaware": "unaware", "informed": "informed", "averaging": "mean of 16"}
    rows = {"Iona": originals, "what is sent": tiles[:4]}
    rows |= {label: tiles[4 * i :][:4] for i, label in enumerate(names.values(), 1)}
    height, side = 4.9, 0.85
    fig = Figure(figsize=(WIDTH, height), layout="none")
    axes = fig.add_axes((1.45 / WIDTH, 0.1 / height, 4 * side / WIDTH, 5 * side / height))
    _show_rows(axes, rows)
    words = ["", "500 numbers a digit, as a picture"]
    for name in names:
        words.append(
            f"read as {cell[f'{name}_pin']}\nof 1,000: {100 * cell[f'{name}_read']:.0f} % read,\n"
            f"{100 * cell[f'{name}_found']:.0f} % lead to their picture"
        )
    for i, text in enumerate(words):
        fig.text((1.55 + 4 * side) / WIDTH, (0.1 + (4.5 - i) * side) / height, text, va="center", fontsize=12)
    use = 100 * cell["accuracy"]
    title = f"Noise {cell['noise']:g} {cell['when']}, NoPeek {cell['nopeek']:g}: the clinic reads {use:.0f} %"
    _headline(fig, title)
    said = "; ".join(text.replace("\n", " ") for text in words[2:])
    return fig, f"{title}. Four digits in five rows: {', '.join(rows)}. {said}."


@figure
def frontiers(panels, title):
    """Use against privacy, a panel an attack: up and to the right is better.

    panels: dict from an attack's name to a dict from a release to (use, privacy), each from 0 to 100.
    """
    height = 4.6
    fig = Figure(figsize=(WIDTH, height), layout="none")
    wide = (WIDTH - 0.75 - 0.15 - 0.3 * (len(panels) - 1)) / len(panels)
    said = []
    for i, (name, releases) in enumerate(panels.items()):
        axes = fig.add_axes(((0.75 + i * (wide + 0.3)) / WIDTH, 1.75 / height, wide / WIDTH, (height - 2.6) / height))
        numbers = []
        for j, (release, (use, privacy)) in enumerate(releases.items()):
            colour = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY)[j % 6]
            # Later marks are smaller, so that an earlier one can be seen below.
            axes.plot(use, privacy, "osD^vP"[j % 6], color=colour, markersize=17 - 2 * j, label=release, clip_on=False,
                      markeredgecolor="white")  # fmt: skip
            numbers.append(f"{release}: use {use:.0f}, privacy {privacy:.0f}")
        axes.set(xlim=(-6, 106), ylim=(-6, 106), xticks=(0, 50, 100), yticks=(0, 50, 100))
        axes.set_title(name, fontsize=12, pad=8)
        axes.grid(color="#dddddd")
        axes.set_xlabel("use kept, %", fontsize=11)
        if i == 0:
            axes.set_ylabel("attack's gain taken away, %", fontsize=11)
        else:
            axes.set_yticklabels([])
        legend = axes.legend(
            loc="upper left", bbox_to_anchor=(-0.08, -0.27), fontsize=11, borderaxespad=0, handletextpad=0.2
        )
        for mark in legend.legend_handles:
            mark.set_markersize(11)
        said.append(f"{name}: {'; '.join(numbers)}.")
    _headline(fig, title)
    return fig, f"{title}. Use against privacy, in per cent. " + " ".join(said)
