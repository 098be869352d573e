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

    table: one row a k; columns "exposed, common answer", "exposed, other answer", "by chance" and "loss of
    detail", all in per cent. note: a sentence about the marked k.
    """
    fig, axes = _plain_axes(3.7, left=0.75, top=0.8)
    spots = np.arange(len(table))
    common, other = table["exposed, common answer"], table["exposed, other answer"]
    axes.bar(spots, common, color=BLUE, width=0.6, label="exposed: the common answer")
    axes.bar(spots, other, bottom=common, color=ORANGE, width=0.6, label="exposed: the other answer")
    axes.plot(spots, table["by chance"], "D", color=BLACK, label="exposed if answers were shuffled")
    axes.plot(spots, table["loss of detail"], "o--", color=GREEN, label="detail lost")
    here = list(table.index).index(k)
    axes.axvspan(here - 0.45, here + 0.45, color=YELLOW, alpha=0.35, zorder=0)
    axes.set_xticks(spots, table.index)
    axes.set(xlabel="k: people who look alike at least", ylabel="%", ylim=(0, 1.1 * float((common + other).max())))
    row = table.loc[k]
    title = f"k = {k}: {row.iloc[0] + row.iloc[1]:.1f} % are exposed, {row['loss of detail']:.1f} % of detail is lost"
    axes.set_title(title, pad=26)
    axes.text(0, 1.04, note, transform=axes.transAxes, fontsize=11)
    axes.legend(fontsize=11)
    return fig, (
        f"{title}. The common answer {common[k]:.1f}, the other {other[k]:.1f}; with shuffled answers "
        f"{row['by chance']:.1f} % would be. {note}"
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
