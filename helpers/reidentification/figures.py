"""The figures of lesson 2. Each returns a Picture."""

import matplotlib
import numpy as np

from .. import inputs
from ..picture import BLUE, GREEN, ORANGE, VERMILION, as_picture, page, panel, plain_axes
from .ratings import eccentricity


@as_picture
def suspects(names, scores, known=()):
    """The best eight suspects' scores, and the line, best − 1.5 σ, that the second must stay left of for a claim.

    names: one text a candidate; those called "Iona" are drawn in another colour. scores: shape (n,), at least two.
    known: what is known of the target, a short text a line, to print.
    """
    names, known = inputs.column("names", names), [inputs.text("known", one) for one in inputs.sequence("known", known)]
    scores = inputs.array("scores", scores, (len(names),))
    ahead = eccentricity(scores)
    order = np.argsort(-scores, kind="stable")[:8]
    best, second = scores[order[:2]]
    extra = 0.2 * len(known)
    fig, axes = plain_axes(3.6 + extra, left=1.3, top=0.5 + extra)
    axes.barh(range(len(order)), scores[order], color=[ORANGE if names[i] == "Iona" else BLUE for i in order])
    axes.set_yticks(range(len(order)), [str(names[i]) for i in order])
    axes.invert_yaxis()
    line = best - 1.5 * scores.std()
    axes.axvline(line, color=VERMILION, linestyle="--", linewidth=2)
    title = f"{ahead:.1f} σ ahead: " + (f"claim “{names[order[0]]}”" if ahead >= 1.5 else "no claim")
    axes.text(0, 1.03, "\n".join(known), transform=axes.transAxes, fontsize=11, parse_math=False)
    axes.set_title(title, pad=10 + 72 * extra)
    axes.set(xlabel="score (dashed line: best − 1.5 σ)", xlim=(min(0, line * 1.05), 1.08 * best if best > 0 else 1))
    listed = ", ".join(f"{names[i]} {scores[i]:.2f}" for i in order[:3])
    heard = f" Known: {'; '.join(known)}." if known else ""
    return fig, f"{title}. Best three: {listed}. The line stands at {line:.2f}, and the second at {second:.2f}.{heard}"


@as_picture
def reconstruction(right, title):
    """Who was reconstructed rightly: a square a person, forty in a row, green where ``right`` and red-orange elsewhere.

    right: booleans, one a person.
    """
    right = inputs.array("right", right, ("people",), 0, 1).astype(bool)
    wide = 40
    high = -(-len(right) // wide)
    colours = np.ones((high * wide, 3))
    green, red_orange = map(matplotlib.colors.to_rgb, (GREEN, VERMILION))
    colours[: len(right)] = np.where(right[:, None], green, red_orange)
    fig = page(0.55 + 0.2 * high)
    axes = panel(fig, 0.1, 0.1, 0.2 * wide, 0.2 * high)
    axes.imshow(colours.reshape(high, wide, 3), interpolation="nearest", aspect="equal")
    axes.set_xticks(np.arange(wide + 1) - 0.5, [])
    axes.set_yticks(np.arange(high + 1) - 0.5, [])
    axes.grid(color="white", linewidth=2)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(inputs.text("title", title))
    return fig, f"{title}. A grid of {len(right)} squares, one a person: {right.sum()} green, the rest red-orange."
