"""The figures of lesson 2. Each returns a Picture."""

import matplotlib
import numpy as np

from ..picture import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILION, YELLOW, as_picture, page, panel, plain_axes
from .ratings import eccentricity

GROUPS = {"1": 1, "2–4": 4, "5–9": 9, "10–99": 99, "100–999": 999, "1,000 or more": np.inf}


@as_picture
def group_histogram(sizes, columns):
    """How many people look like a person: the share of people in groups of each size; unique ones stand out.

    sizes: from reidentification.group_sizes. columns: what is known of everybody, to print.
    """
    place = np.searchsorted([limit for limit in GROUPS.values()], sizes)
    shares = 100 * np.bincount(place, minlength=len(GROUPS)) / len(sizes)
    fig, axes = plain_axes(3.2, left=0.8, top=0.75)
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


@as_picture
def anonymity(table, k, note):
    """What k-anonymity costs and what it leaves: exposed people and lost detail for every k, one k marked.

    table: one row a k; columns "exposed: other", "exposed: Republican", "by chance", "80 % agree" and
    "loss of detail", all in per cent. note: a sentence about the marked k.
    """
    fig, axes = plain_axes(3.9, left=0.75, top=0.8)
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


@as_picture
def suspects(names, scores, known=()):
    """The best eight suspects' scores, and the line, best − 1.5 σ, that the second must stay left of for a claim.

    names: one text a candidate; those called "Iona" are drawn in another colour. scores: shape (n,).
    known: what is known of the target, up to four short texts, to print.
    """
    scores = np.asarray(scores, float)
    order = np.argsort(-scores, kind="stable")[:8]
    best, second = scores[order[:2]]
    ahead = eccentricity(scores)
    note = "\n".join("; ".join(known[i : i + 2]) for i in range(0, len(known), 2))
    extra = 0.2 * note.count("\n") + 0.25 * bool(note)
    fig, axes = plain_axes(3.6 + extra, left=1.3, top=0.5 + extra)
    axes.barh(range(len(order)), scores[order], color=[ORANGE if names[i] == "Iona" else BLUE for i in order])
    axes.set_yticks(range(len(order)), [names[i] for i in order])
    axes.invert_yaxis()
    line = best - 1.5 * scores.std()
    axes.axvline(line, color=VERMILION, linestyle="--", linewidth=2)
    title = f"{ahead:.1f} σ ahead: " + (f"claim “{names[order[0]]}”" if ahead >= 1.5 else "no claim")
    axes.text(0, 1.03, note, transform=axes.transAxes, fontsize=11)
    axes.set_title(title, pad=10 + 72 * extra)
    axes.set(xlabel="score (dashed line: best − 1.5 σ)", xlim=(min(0, line * 1.05), 1.08 * best if best > 0 else 1))
    listed = ", ".join(f"{names[i]} {scores[i]:.2f}" for i in order[:3])
    heard = f" Known: {'; '.join(known)}." if known else ""
    return fig, f"{title}. Best three: {listed}. The line stands at {line:.2f}, and the second at {second:.2f}.{heard}"


@as_picture
def reconstruction(right, table, queries, baseline):
    """Who was reconstructed rightly, as a grid of people, beside the share right for every number of queries.

    right: booleans, one a person. table: one row a number of queries, the share right in per cent.
    queries: the marked row. baseline: what the commonest answer for all would get, in per cent.
    """
    share = 100 * float(np.mean(right))
    fig = page(3.5)
    grid = panel(fig, 0.17, 0.21, 3.36, 2.73)
    _squares(grid, right)
    grid.set_title(f"{share:.0f} % right (green)")
    axes = panel(fig, 4.45, 0.735, 3.78, 2.205)
    spots = np.arange(len(table))
    axes.plot(spots, table.to_numpy(), color=BLUE, marker="o", linewidth=2)
    here = list(table.index).index(queries)
    axes.plot(here, table[queries], "o", color=BLACK, markersize=11)
    axes.axhline(baseline, color=GREY, linestyle="--", linewidth=1.5)
    axes.text(len(table) - 1, baseline - 1.5, "guess", ha="right", va="top", color=GREY)
    axes.set_xticks(spots, [f"{m:,}" for m in table.index], fontsize=11, rotation=45)
    axes.set(xlabel="questions", ylabel="% right", ylim=(40, 103))
    axes.set_title("Above the guess" if share > baseline + 0.5 else "Not above the guess")
    curve = ", ".join(f"{m} {v:.0f}" for m, v in table.items())
    return fig, (
        f"{queries:,} questions: {share:.0f} % of {len(right)} people right (green in a grid of squares), the rest "
        f"wrong (red); the guess reaches {baseline:.0f} %. Curve by questions: {curve}."
    )


def _squares(axes, right):
    """A square a person, twenty in a row, green where ``right``."""
    wide = 20
    high = -(-len(right) // wide)
    colours = np.ones((high * wide, 3))
    green, red = map(matplotlib.colors.to_rgb, (GREEN, VERMILION))
    colours[: len(right)] = np.where(np.asarray(right)[:, None], green, red)
    axes.imshow(colours.reshape(high, wide, 3), interpolation="nearest", aspect="equal")
    axes.set_xticks(np.arange(wide + 1) - 0.5, [])
    axes.set_yticks(np.arange(high + 1) - 0.5, [])
    axes.grid(color="white", linewidth=2)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
