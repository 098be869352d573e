"""The checks behind "Your turn" of lesson 3."""

import torch

from ..verdict import NotYet, answer_of, check, close, known_mistake, number
from .attackers import fit_ridge, redraw_ridge, with_noise
from .scores import mse


@check
def check_wire_shape(shape):
    """shape: the student's answer, a tuple of two integers."""
    if isinstance(shape, (int, float)):
        raise NotYet("A shape has a number for each dimension, in brackets: (rows, columns).")
    shape = tuple(shape)
    if shape == (500, 32):
        raise NotYet("The right two numbers in the wrong order: one row for each box.")
    if 784 in shape or 28 in shape:
        raise NotYet("784 = 28 × 28 is the size of a picture, and the picture stays on the phone.")
    if 10 in shape:
        raise NotYet("Ten scores come out at the end of the second part, on the server.")
    if shape == (500,):
        raise NotYet("That is the message of one box. There are 32.")
    if shape != (32, 500):
        raise NotYet("Two numbers: how many boxes, and how many outputs the first part has.")
    return "32 messages of 500 numbers each. This is all that the server sees."


@check
def check_gap_closed(gap_closed):
    """gap_closed: the student's function of an error and a baseline."""
    mistakes = {  # for an error of 0.15 and a baseline of 0.27: a gap of 0.27, of which 0.12 are closed
        0.12 / 0.15: "You divide by the error. The whole gap is the baseline's error: divide by that.",
        100 * 0.12 / 0.27: "That is in per cent. Give a share: 1 for a perfect copy.",
        -0.12 / 0.27: "The sign is turned round: a smaller error than the baseline's must give a positive share.",
        0.15 / 0.27: "That is the share that is left. A perfect copy should give 1, this gives 0.",
        0.12: "That is the size of the gap closed, not its share: divide by the whole gap.",
    }
    known_mistake(number(answer_of(gap_closed, 0.15, 0.27)), mistakes)
    cases = {(0.27, 0.27): 0, (0.0, 0.27): 1, (0.15, 0.27): 0.12 / 0.27, (0.3, 0.2): -0.5, (0.05, 0.1): 0.5}
    for (error, baseline), expected in cases.items():
        given = number(answer_of(gap_closed, error, baseline))
        if not close(given, expected):
            raise NotYet(
                f"For an error of {error} and a baseline of {baseline} it should give {expected:.3g}, "
                f"but gives {given:.3g}."
            )
    return "Now attacks on different data can be compared. A negative share is worse than a guess."


@check
def check_ridge(ridge_weights):
    """ridge_weights: the student's function of activations, pictures and a penalty."""
    random = torch.Generator().manual_seed(0)
    for width, penalty in ((5, 1.0), (20, 30.0), (500, 0.1)):
        H = torch.rand(600, width, generator=random)
        X = torch.rand(600, 784, generator=random) * 2 - 1
        try:
            weights = answer_of(ridge_weights, H, X, penalty)
        except RuntimeError as problem:
            if "501" not in str(problem):
                raise
            raise NotYet(
                f"Your table A has {width + 1} columns here, not 501. Take the identity's size from A."
            ) from None
        if tuple(weights.shape) == (width, 784):
            raise NotYet("There is no weight for the constant: add a column of ones to H.")
        if tuple(weights.shape) != (width + 1, 784):
            raise NotYet(
                f"For {width} activations and 784 pixels the weights need shape {(width + 1, 784)}, "
                f"but have {tuple(weights.shape)}."
            )
        expected = fit_ridge(H, X, penalty)
        if _same_weights(weights, expected.roll(1, 0)):
            raise NotYet("Nearly: the constant's weights should stand in the last row. Put the ones last.")
        if not _same_weights(weights, expected):
            raise NotYet(f"The weights are off for a penalty of {penalty}. Is it used, and on the diagonal only?")
    return "This is a complete attack on a dense layer. All it needs is activations of pictures you own."


def _same_weights(weights, expected):
    # Single and double precision differ in the third digit here; a wrong penalty differs far more.
    return (weights.float() - expected).abs().mean() < 0.01 * expected.abs().mean()


@check
def check_auxiliary(errors, candidates, model, private):
    """errors: the student's mean squared errors by name. candidates: pictures by name, each (n, 784)."""
    missing = set(candidates) - set(errors)
    if missing:
        raise NotYet(f"There is no error yet for: {', '.join(sorted(missing))}.")
    for name, pictures in candidates.items():
        if torch.as_tensor(errors[name]).numel() > 1:
            raise NotYet(f"For {name} there is an error for each picture. Take their mean.")
        given = number(errors[name])
        weights = fit_ridge(model.sent(pictures), pictures)
        expected, own = (
            mse(watched, redraw_ridge(weights, model.sent(watched))).mean().item() for watched in (private, pictures)
        )
        if not close(given, expected, 0.02):
            hint = f"For {name} you measured on the attacker's own pictures. Measure on test_x."
            known_mistake(given, {own: hint}, 0.02)
            raise NotYet(f"The error for {name} is off: you have {given:.3f}. Fit on {name}, measure on test_x.")
    return (
        "Noise is worse than a guess, letters are best, and turning them costs a little without any warning. "
        "The attacker needs pictures with strokes, not pictures of digits."
    )


@check
def check_not_redrawn(drawn, why, model, letters):
    """drawn: the student's picture, 784 numbers from -1 to 1. why: "strokes" or "place". letters: the attacker's."""
    drawn = _as_picture(drawn, letters)
    if why not in ("strokes", "place"):
        raise NotYet('Why does the line fail? Answer "strokes" or "place".')
    weights, guess = fit_ridge(model.sent(letters), letters), letters.mean(dim=0)[None]

    def share(picture):  # of the guess's error that the line still makes
        redrawn = redraw_ridge(weights, model.sent(picture))
        return (mse(picture, redrawn) / mse(picture, guess)).item()

    ink, steps = (drawn.reshape(28, 28) + 1) / 2, torch.arange(28, device=drawn.device)
    middle = [round(13.5 - ((ink.sum(dim=1 - axis) * steps).sum() / ink.sum()).item()) for axis in (0, 1)]
    as_drawn, centred = share(drawn), share((2 * ink.roll(middle, (0, 1)) - 1).reshape(1, 784))
    if as_drawn < 0.5:
        raise NotYet(
            f"The line redraws it: its error is {as_drawn:.0%} of the mean letter's. It must be over half. "
            "Change the strokes, or move a digit a few steps with the arrow keys."
        )
    if centred < 0.5 and why == "strokes":
        raise NotYet(f"Moved to the middle, it is redrawn: {centred:.0%} of the mean letter's error.")
    if centred >= 0.5 and why == "place":
        raise NotYet(f"In the middle it is not redrawn either: {centred:.0%} of the mean letter's error.")
    return (
        "This attacker draws what its letters have taught it. The message may still hold your drawing: "
        "an attacker whose own pictures resemble yours may redraw it."
    )


@check
def check_unreadable_noise(noise, digit, drawn, model, letters, reader):
    """noise: the scale at which the student cannot read the line's picture of drawn, which shows digit."""
    drawn, mean_letter = _as_picture(drawn, letters), letters.mean(dim=0)[None]
    noise, digit = float(noise), int(digit)
    if not 0 < noise <= 100:
        raise NotYet(f"A scale of noise is above 0, as on the pad, but {noise:g} was given.")
    if int(reader(drawn).argmax()) != digit:
        raise NotYet(
            f"The reader sees a {int(reader(drawn).argmax())} in the drawing itself, without noise. "
            "Check digit, or load a sample with a digit key."
        )
    if int(reader(mean_letter).argmax()) == digit:
        raise NotYet(
            f"The reader names even the mean letter a {digit}, which holds nothing of your message. Take another digit."
        )
    own, sent = model.sent(letters), model.sent(drawn)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        messages = with_noise(sent.repeat(200, 1), noise)
    redrawn = redraw_ridge(fit_ridge(own, letters, noise_variance=2 * noise**2), messages)
    as_read = (reader(redrawn).argmax(dim=1) == digit).float().mean().item()
    without_noise = mse(drawn, redraw_ridge(fit_ridge(own, letters), sent)).item()
    gain = mse(drawn, mean_letter).item() - without_noise
    lost = (mse(drawn.expand_as(redrawn), redrawn).mean().item() - without_noise) / gain if gain > 0 else 1.0
    if lost < 0.25:
        raise NotYet(
            f"The noise takes away only {max(lost, 0):.0%} of what the line gains over drawing the mean letter. "
            "Can you really not read it? Turn the noise up."
        )
    if as_read < 0.5:
        raise NotYet(
            f"The reader reads {as_read:.0%} of 200 such messages right, fewer than half. Turn the noise down. "
            "If no step of the slider fits, take another digit."
        )
    return (
        f"The reader reads {as_read:.0%} of 200 such messages right. It names the mean letter something else, so it "
        "reads what is left of the message. Only you can say whether you could read it: the check cannot test that."
    )


def _as_picture(drawn, like):
    """``drawn`` as a tensor of shape (1, 784), or NotYet, which says what is wrong with it."""
    drawn = torch.as_tensor(drawn, dtype=torch.float32).to(like.device).reshape(1, -1)
    if drawn.shape[1] != 784:
        raise NotYet(f"A picture has 784 numbers, but this has {drawn.shape[1]}.")
    if not (drawn.min() >= -1 and drawn.max() <= 1):
        raise NotYet("Pixels lie between -1 (paper) and 1 (ink).")
    if drawn.max() < 0:
        raise NotYet("There is next to no ink on it. Draw something.")
    return drawn


@check
def check_active_share(shares, model, untrained, pictures):
    """shares: the student's average share of active units, from 0 to 1, for "trained" and "untrained"."""
    for name, client in {"trained": model, "untrained": untrained}.items():
        expected, given = (client.sent(pictures) > 0).float().mean().item(), number(shares[name])
        if not close(given, expected, 0.005):
            many = f"{given:.0f} is the number of active units. Divide by 500 for the share."
            per_cent = "That is in per cent. Give a share between 0 and 1."
            known_mistake(given, {500 * expected: many, 100 * expected: per_cent}, 0.5)
            known_mistake(given, {1 - expected: "That is the share of silent units."}, 0.005)
            raise NotYet(f"The share for the {name} client is off: you have {given:.3f}.")
    return (
        f"The untrained client speaks with {number(shares['untrained']):.0%} of its units, the trained one with "
        f"{number(shares['trained']):.0%}. An attack on an untrained client measures a leak that no customer has."
    )


@check
def check_label_from_gradient(label_from_gradient):
    """label_from_gradient: the student's function from ten numbers to a digit."""
    random = torch.Generator().manual_seed(0)
    for _ in range(200):
        label = int(torch.randint(10, (), generator=random))
        # Networks that are unsure, sure and right, or sure and wrong.
        spread = 5 * torch.rand((), generator=random)
        belief = (spread * torch.randn(10, generator=random)).softmax(0)
        gradient = belief - torch.eye(10)[label]
        given = int(answer_of(label_from_gradient, gradient))
        if given != label:
            if given == int(gradient.argmax()):
                raise NotYet("The largest number belongs to a digit that was not written. Look at the signs.")
            if given == int(belief.argmax()):
                raise NotYet("That is the digit that the network believes in, which may be wrong. Look at the signs.")
            numbers = [round(float(g), 2) for g in gradient]
            raise NotYet(f"The digit was {label}, but your function says {given} for {numbers}.")
    return "One sign gives the label away. A gradient holds both the picture and the answer."


@check
def check_reading_scores(gave_away):
    """gave_away: for each of "A", "B" and "C" one of "hand", "class", "nothing"."""
    expected = {"A": "class", "B": "nothing", "C": "hand"}
    for name in expected:
        if gave_away.get(name) not in ("hand", "class", "nothing"):
            raise NotYet(f'Say "hand", "class" or "nothing" for {name}.')
    if gave_away["A"] == "nothing":
        raise NotYet("A has the MSE of a guess. But how often is it read right?")
    if gave_away["A"] == "hand":
        raise NotYet("A is read right very often. Do its copies lead back to the person who wrote them?")
    if gave_away["C"] == "class":
        raise NotYet("C leads back to its writer most of the time. A class could not.")
    if gave_away != expected:
        raise NotYet("Compare B and C once more with what a guess reaches: about 10 % read right, about 1 % found.")
    return "MSE could not tell A from B. The right question did: what was written, and by whom?"
