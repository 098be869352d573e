"""The figures of lesson 5. Each returns a Picture."""

import numpy as np

from ..inversion.figures import show_rows
from ..picture import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, WIDTH, as_picture, headline, page, panel
from .counts import strongest_belief


def on_one_scale(value, nothing, everything):
    """Where ``value`` lies between what ``nothing`` and what ``everything`` reaches, from 0 to 1.

    An attack: nothing is the guess, everything the attack without a defence; the share it keeps.
    A use: nothing is what a useless release gives, everything what the undefended one gives.
    Values outside are moved to the nearer end. Raises ValueError where both ends are equal.
    """
    if nothing == everything:
        raise ValueError(f"Nothing and everything must differ, but both are {nothing}.")
    return min(1.0, max(0.0, (value - nothing) / (everything - nothing)))


@as_picture
def two_worlds(epsilon, prior):
    """A noisy count in two worlds that differ by one person's answer, and what a reader may come to believe.

    epsilon: of the Laplace mechanism. prior: belief before that the person's answer is yes, from 0 to 1.
    """
    fig = page(3.5)
    axes = panel(fig, 0.756, 0.62, 4.368, 2.38)
    beyond = np.linspace(-8, 9, 681)
    for answer, light, dark, label in ((0, SKY, BLUE, "she is not in debt"), (1, ORANGE, VERMILION, "she is in debt")):
        likely = epsilon / 2 * np.exp(-epsilon * np.abs(beyond - answer))
        axes.fill_between(beyond, likely, color=light, alpha=0.5, linewidth=0, label=label)
        axes.plot(beyond, likely, color=dark, linewidth=2)
    axes.set(xlabel="published count minus all the others", ylabel="how likely", xlim=(-8, 9), yticks=[])
    axes.set_ylim(0, 1.35 * epsilon / 2)
    axes.legend(loc="upper left", fontsize=11, ncols=2, columnspacing=1)
    belief = strongest_belief(prior, epsilon)
    right = panel(fig, 6.3, 0.62, 1.932, 2.38)
    right.bar(["before", "at most\nafter"], [100 * prior, 100 * belief], color=[GREY, VERMILION], width=0.6)
    for i, value in enumerate((100 * prior, 100 * belief)):
        right.text(i, value + 2, f"{value:.0f} %", ha="center")
    right.axhline(50, color=BLACK, linestyle=":", linewidth=1.5)
    right.set(ylim=(0, 112), ylabel="belief that she is, %")
    title = f"ε = {epsilon:g}: odds grow {np.exp(epsilon):,.3g} times at most, belief to {belief:.0%}"
    headline(fig, title)
    return fig, (
        f"{title}. Left two peaked curves of the published count, one person apart, for the two worlds. "
        f"Right two bars: belief before {prior:.0%}, at most after {belief:.0%}; a line at 50 %."
    )


@as_picture
def attack_and_error(right, error, no_count, epsilon, questions, guess):
    """What a total ε does to an attack and to the use of the counts, one above the other.

    right, error, no_count: one row an ε, one column a number of questions: % of people right; people
    that a count is off; people that an estimate is off, if no count is published.
    epsilon, questions: the marked row and column. guess: % right without any count.
    """
    fig = page(5.2)
    spots, here = np.arange(len(right)), list(right.index).index(epsilon)
    above, below = (panel(fig, 1.008, bottom, 7.14, 1.716) for bottom in (2.86, 0.624))
    useless = no_count.loc[epsilon, questions]
    for axes, values, height, label in (
        (above, right, guess, "guess: nobody is in debt"),
        (below, error, useless, "no count: a fifth of each group"),
    ):
        for column in values.columns:
            strong = column == questions
            colour, width, size = (BLUE, 2.6, 6) if strong else ("#BBBBBB", 1.3, 3)
            axes.plot(spots, values[column], color=colour, linewidth=width, marker="o", markersize=size)
        axes.axhline(height, color=BLACK, linestyle="--", linewidth=1.5, label=label)
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
    headline(fig, title)
    return fig, (
        f"{title}. Upper panel: the attack against ε, with the guess at {guess:.0f} %. Lower panel: the error of a "
        f"count, with {useless:.1f} people for publishing none."
    )


@as_picture
def grid_tables(tables, titles, title):
    """Tables of per cent in colour, two in a row: NoPeek weights down, noise across.

    tables: DataFrames with the same index and columns. titles: one each.
    """
    rows, high = -(-len(tables) // 2), 2.35
    fig = page(0.45 + rows * high)
    for i, (table, name) in enumerate(zip(tables, titles, strict=True)):
        axes = panel(fig, 0.75 + (i % 2) * 4.0, (rows - 1 - i // 2) * high + 0.6, 3.55, high - 1)
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
    headline(fig, title)
    ends = "; ".join(
        f"{name}: {table.iloc[0, 0]:.0f} without a defence, {table.iloc[-1, -1]:.0f} with the most of both"
        for table, name in zip(tables, titles, strict=True)
    )
    return fig, f"{title}. Tables in colour. {ends}."


@as_picture
def grid_cell(cell, originals, tiles):
    """One cell of the grid: Iona's digits, what is sent for them, what each attacker draws and a reader reads.

    cell: a row of defences.read_grid(). originals: shape (4, 784). tiles: the row's pictures, shape (16, 784).
    """
    names = {"unaware": "unaware", "informed": "informed", "averaging": "mean of 16"}
    rows = {"Iona": originals, "what is sent": tiles[:4]}
    rows |= {label: tiles[4 * i :][:4] for i, label in enumerate(names.values(), 1)}
    height, side = 4.9, 0.85
    fig = page(height)
    show_rows(panel(fig, 1.45, 0.1, 4 * side, 5 * side), rows)
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
    headline(fig, title)
    said = "; ".join(text.replace("\n", " ") for text in words[2:])
    return fig, f"{title}. Four digits in five rows: {', '.join(rows)}. {said}."


@as_picture
def frontiers(panels, title):
    """Use against privacy, a panel an attack: up and to the right is better.

    panels: dict from an attack's name to a dict from a release to (use, privacy), each from 0 to 100.
    """
    fig = page(4.6)
    wide = (WIDTH - 0.75 - 0.15 - 0.3 * (len(panels) - 1)) / len(panels)
    said = []
    for i, (name, releases) in enumerate(panels.items()):
        axes = panel(fig, 0.75 + i * (wide + 0.3), 1.75, wide, 2)
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
    headline(fig, title)
    return fig, f"{title}. Use against privacy, in per cent. " + " ".join(said)
