"""The figures of *What helps*. Each returns a Picture."""

import numpy as np

from .. import inputs, picture
from ..inversion.figures import show_rows
from ..picture import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, WIDTH, as_picture, headline, page, panel
from .counts import strongest_belief
from .noise import ATTACKERS


def on_one_scale(value, nothing, everything):
    """Where ``value`` lies between what ``nothing`` and what ``everything`` reaches, from 0 to 1.

    An attack: nothing is the guess, everything the attack without a defence; the share it keeps.
    A use: nothing is what a useless release gives, everything what the undefended one gives.
    Values outside are moved to the nearer end. Raises ValueError where both ends are equal, TypeError for no numbers.
    """
    value, nothing, everything = map(inputs.real, ("value", "nothing", "everything"), (value, nothing, everything))
    if nothing == everything:
        raise ValueError(f"Nothing and everything must differ, but both are {nothing}.")
    return min(1.0, max(0.0, (value - nothing) / (everything - nothing)))


@as_picture
def two_worlds(epsilon, prior):
    """A noisy count in two worlds that differ by one person's answer, and what a reader may come to believe.

    epsilon: of the Laplace mechanism, above 0. prior: belief before that the person's answer is yes, between 0 and 1.
    """
    epsilon = inputs.real("epsilon", epsilon, above=0, most=700)  # beyond, the odds are no number
    fig, belief = page(3.5), strongest_belief(prior, epsilon)
    axes = panel(fig, 0.756, 0.62, 4.368, 2.38)
    beyond = np.linspace(-8, 9, 681)
    for answer, light, dark, label in ((0, SKY, BLUE, "she is not in debt"), (1, ORANGE, VERMILION, "she is in debt")):
        likely = epsilon / 2 * np.exp(-epsilon * np.abs(beyond - answer))
        axes.fill_between(beyond, likely, color=light, alpha=0.5, linewidth=0, label=label)
        axes.plot(beyond, likely, color=dark, linewidth=2)
    axes.set(xlabel="published count minus all the others", ylabel="how likely", xlim=(-8, 9), yticks=[])
    axes.set_ylim(0, 1.35 * epsilon / 2)
    axes.legend(loc="upper left", fontsize=11, ncols=2, columnspacing=1)
    right = panel(fig, 6.3, 0.62, 1.932, 2.38)
    right.bar(["before", "after,\nat most"], [100 * prior, 100 * belief], color=[GREY, VERMILION], width=0.6)
    for i, value in enumerate((100 * prior, 100 * belief)):
        right.text(i, value + 2, f"{value:.0f} %", ha="center")
    right.axhline(50, color=BLACK, linestyle=":", linewidth=1.5)
    right.set(ylim=(0, 112), yticks=range(0, 101, 25), ylabel="belief that she is, %")
    title = f"ε = {epsilon:g}: odds grow {np.exp(epsilon):,.3g} times at most, belief to {belief:.0%}"
    headline(fig, title)
    return fig, (
        f"{title}. Left two peaked curves of the published count, one person apart, for the two worlds. "
        f"Right two bars: belief before {prior:.0%}, at most after {belief:.0%}; a line at 50 %."
    )


@as_picture
def attack_and_error(right, error, no_count, epsilon, questions, guess):
    """What a total ε does to an attack and to the use of the counts, one above the other.

    right, error, no_count: one row an ε above 0, one column a number of questions: % of people right; people
    that a count is off; people that an estimate is off, if no count is published.
    epsilon, questions: the marked row and column. guess: % right without any count.
    """
    right, error, no_count = map(picture.numbers_of, ("right", "error", "no_count"), (right, error, no_count))
    epsilon, guess = inputs.real("epsilon", epsilon, above=0), inputs.real("guess", guess)
    for name, table in (("right", right), ("error", error), ("no_count", no_count)):
        inputs.table(name, table, [inputs.whole("questions", questions)])
    if epsilon not in right.index or not all(right.index.equals(some.index) for some in (error, no_count)):
        raise ValueError(f"right, error and no_count must have the same rows, one of them for ε = {epsilon:g}.")
    fig = page(4.65)
    above, below = (panel(fig, 1.008, bottom, 7.14, 1.5) for bottom in (2.6, 0.624))
    useless = no_count.loc[epsilon, questions]
    below.set_yscale("log")
    for axes, values, height, label in (
        (above, right, guess, "guess: nobody is in debt"),
        (below, error, useless, "no count: a fifth of each group"),
    ):
        for column in values.columns:
            strong = column == questions
            colour, width, size = (BLUE, 2.6, 6) if strong else ("#BBBBBB", 1.3, 3)
            axes.plot(values.index, values[column], color=colour, linewidth=width, marker="o", markersize=size)
        axes.axhline(height, color=BLACK, linestyle="--", linewidth=1.5, label=label)
        axes.plot(epsilon, values.loc[epsilon, questions], "o", color=VERMILION, markersize=11)
        axes.axvline(epsilon, color=VERMILION, linewidth=1, linestyle=":")
        axes.legend(loc="upper left" if axes is above else "upper right", fontsize=11)
        axes.set_xscale("log")
        axes.minorticks_off()
        axes.set_xticks(values.index, [f"{e:,g}" for e in values.index] if axes is below else [])
    above.set(ylabel="% of people right", ylim=(min(70, right.min(axis=None) - 3), 103))
    below.set(ylabel="people off, a count", xlabel="total ε for all questions")
    below.set_ylim(min(0.03, 0.7 * error.min(axis=None)), max(9e3, 1.3 * error.max(axis=None)))
    # Formulas such as 10³ take long to draw.
    below.set_yticks([0.1, 1, 10, 100, 1000], ["0.1", "1", "10", "100", "1,000"])
    share, off = right.loc[epsilon, questions], error.loc[epsilon, questions]
    title = f"ε = {epsilon:g}, {questions} questions: {share:.0f} % right, counts {off:.3g} people off"
    headline(fig, title)
    return fig, (
        f"{title}. Upper panel: the attack against ε, with the guess at {guess:.0f} %. Lower panel: the error of a "
        f"count, with {useless:.1f} people for publishing none."
    )


@as_picture
def grid_tables(tables, titles, title):
    """Tables of per cent in colour, two in a row: NoPeek weights down, noise across.

    tables: DataFrames with numbers; what is missing stays empty. titles: one each.
    """
    tables, titles = inputs.sequence("tables", tables), inputs.sequence("titles", titles)
    if not tables or len(tables) != len(titles):
        raise ValueError(f"Each table needs its title, but {len(tables)} tables and {len(titles)} titles were given.")
    tables = [picture.numbers_of(f"The table {name!r}", table) for table, name in zip(tables, titles, strict=True)]
    rows, high = -(-len(tables) // 2), 2.35
    fig = page(0.45 + rows * high)
    for i, (table, name) in enumerate(zip(tables, titles, strict=True)):
        axes = panel(fig, 0.75 + (i % 2) * 4.0, (rows - 1 - i // 2) * high + 0.6, 3.55, high - 1)
        values = table.to_numpy()
        axes.imshow(values, cmap="cividis", vmin=0, vmax=100, aspect="auto")
        for y, x in zip(*np.nonzero(~np.isnan(values)), strict=True):
            colour = "white" if values[y, x] < 55 else "black"
            axes.text(x, y, f"{values[y, x]:.0f}", ha="center", va="center", color=colour)
        axes.set_xticks(range(table.shape[1]), list(map(str, table.columns)))
        axes.set_yticks(range(table.shape[0]), list(map(str, table.index)))
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title(name, fontsize=12, pad=5)
        axes.set_xlabel("scale of the noise", fontsize=11, labelpad=2)
        axes.set_ylabel("NoPeek" * (i % 2 == 0), fontsize=11)
    headline(fig, title)
    ends = "; ".join(
        f"{name}: {table.iloc[0, 0]:.0f} without a defence, {table.iloc[-1, -1]:.0f} with the most of both"
        for table, name in zip(tables, titles, strict=True)
    )
    return fig, f"{title}. Tables in colour. {ends}."


@as_picture
def grid_cell(cell, originals, tiles):
    """One cell of the grid: Iona's digits, what is sent for them, what each attacker draws and a reader reads.

    cell: a row of defences.read_grid(). originals: shape (4, 784). tiles: the row's pictures, shape (20, 784).
    """
    if not hasattr(cell, "keys") or not {"when", "noise", "nopeek", "accuracy", "persistent_pin"} <= set(cell.keys()):
        raise TypeError(f"cell must be a row of defences.read_grid(), but {inputs.described(cell)} was given.")
    originals = inputs.array("originals", originals, (4, 784), -1, 1)
    tiles = inputs.array("tiles", tiles, (20, 784), -1, 1)
    rows = {"Iona": originals, "what is sent": tiles[:4]}
    rows |= {name: tiles[4 * i :][:4] for i, name in enumerate(ATTACKERS, 1)}
    height, side = 5.0, 0.74
    fig = page(height)
    show_rows(panel(fig, 1.45, 0.1, 4 * side, 6 * side), rows)
    words = ["", "500 numbers a digit, as a picture"]
    for name in ATTACKERS:
        words.append(
            f"read as {cell[f'{name}_pin']}\nof 1,000: {100 * cell[f'{name}_read']:.0f} % read,\n"
            f"{100 * cell[f'{name}_found']:.0f} % lead to their picture"
        )
    for i, text in enumerate(words):
        fig.text((1.55 + 4 * side) / WIDTH, (0.1 + (5.5 - i) * side) / height, text, va="center", fontsize=12)
    use = 100 * cell["accuracy"]
    title = f"Noise {cell['noise']:g} {cell['when']}, NoPeek {cell['nopeek']:g}: the clinic reads {use:.0f} %"
    headline(fig, title)
    said = "; ".join(text.replace("\n", " ") for text in words[2:])
    return fig, f"{title}. Four digits in six rows: {', '.join(rows)}. {said}."


@as_picture
def frontiers(panels, title):
    """Use against privacy, a panel an attack: up and to the right is better.

    panels: dict from an attack's name, of three at most, to a dict from a release, of six at most, to (use, privacy),
    each from 0 to 100.
    """
    if not isinstance(panels, dict) or {type(some) for some in panels.values()} != {dict}:
        raise TypeError(f"panels must be a dict of dicts to pairs (use, privacy), not {inputs.described(panels)}.")
    fig = page(4.65)
    wide = (WIDTH - 0.75 - 0.15 - 0.3 * (len(panels) - 1)) / len(panels)
    said = []
    for (name, releases), i in picture.coloured(panels.items(), range(3)):
        axes = panel(fig, 0.75 + i * (wide + 0.3), 1.8, wide, 2)
        numbers = []
        styles = zip((BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY), "osD^vP", range(17, 5, -2), strict=True)
        for release, (colour, shape, size) in picture.coloured(releases, list(styles)):
            use, privacy = inputs.array(release, releases[release], (2,), 0, 100)
            # Hollow, and later marks smaller, so that marks in one place can all be seen.
            axes.plot(use, privacy, shape, color=colour, markersize=size, label=release, clip_on=False,
                      markerfacecolor="none", markeredgewidth=2)  # fmt: skip
            numbers.append(f"{release}: use {use:.0f}, privacy {privacy:.0f}")
        axes.set(xlim=(-6, 106), ylim=(-6, 106), xticks=(0, 50, 100), yticks=(0, 50, 100))
        axes.set_title(name, pad=8)
        axes.grid(color="#dddddd")
        axes.set_xlabel("use kept, %")
        axes.set_ylabel("attack's gain taken away, %" * (i == 0))
        axes.tick_params(labelleft=i == 0)
        legend = axes.legend(
            loc="upper left", bbox_to_anchor=(-0.13, -0.23), fontsize=13, handletextpad=0.1, labelspacing=0.3
        )
        for mark in legend.legend_handles:
            mark.set_markersize(11)
        said.append(f"{name}: {'; '.join(numbers)}.")
    headline(fig, title)
    return fig, f"{title}. Use against privacy, in per cent. " + " ".join(said)
