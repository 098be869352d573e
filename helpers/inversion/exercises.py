"""The checks behind "Your turn" of lesson 3."""

import numpy as np
import torch

from ..verdict import NotYet, answer_of, check, close, number
from .attackers import fit_ridge, redraw_ridge, with_noise
from .scores import found_among_same_digit, mse, read


def _picked(given, names):
    """The answers under ``names`` in a student's dict or Series."""
    if not hasattr(given, "keys"):
        raise NotYet(f"Answer with a dict that has {', '.join(names)}: this is a {type(given).__name__}.")
    if missing := [name for name in names if name not in given.keys()]:
        raise NotYet(f"There is no answer yet for: {', '.join(missing)}.")
    return {name: given[name] for name in names}


def _numbers(given, what):
    """A student's numbers as a tensor in double precision, or NotYet, which says what they should be."""
    try:
        given = given.detach().cpu() if hasattr(given, "detach") else np.array(given, float)
        return torch.as_tensor(given, dtype=torch.float64)
    except (TypeError, ValueError):
        raise NotYet(f"{what}, but this is a {type(given).__name__}.") from None


@check
def check_gap_closed(gap_closed):
    """gap_closed: the student's function of an error and a baseline."""
    mistakes = {
        "You divide by the error. The whole gap is the baseline's error: divide by that.": lambda e, b: (b - e) / e,
        "That is in per cent. Give a share: 1 for a perfect copy.": lambda e, b: 100 * (b - e) / b,
        "The sign is turned round: a smaller error than the baseline's must give a positive share.": (
            lambda e, b: (e - b) / b
        ),
        "That is the share that is left. A perfect copy should give 1, this gives 0.": lambda e, b: e / b,
        "That is the size of the gap closed, not its share: divide by the whole gap.": lambda e, b: b - e,
    }
    cases = ((0.15, 0.27), (0.3, 0.2), (0.05, 0.1), (0.27, 0.27), (1.2, 0.4), (0.001, 0.27))
    given = {case: number(answer_of(gap_closed, *case)) for case in cases}
    for hint, wrong in mistakes.items():
        if all(close(given[case], wrong(*case), 0.006) for case in cases):
            raise NotYet(hint)
    for (error, baseline), share in given.items():
        if not close(share, expected := 1 - error / baseline, 0.006):  # two digits are enough
            asked = f"For an error of {error} and a baseline of {baseline}"
            raise NotYet(f"{asked} it should give {expected:.3g}, but gives {share:.3g}.")
    return "Now attacks on different data can be compared. A negative share is worse than a guess."


@check
def check_ridge(ridge_weights):
    """ridge_weights: the student's function of activations, pictures and a penalty."""
    code = getattr(ridge_weights, "__code__", None)
    if ridge_weights is fit_ridge or "fit_ridge" in getattr(code, "co_names", ()):
        raise NotYet("fit_ridge is right, and it is the pack's. Write the formula yourself: that is the task.")
    random = torch.Generator().manual_seed(0)
    for width, penalty in ((5, 30.0), (20, 3.0), (500, 60.0)):
        H, X = torch.rand(600, width, generator=random), torch.rand(600, 60, generator=random) * 2 - 1
        weights = _numbers(_on_its_device(ridge_weights, H.clone(), X.clone(), penalty), "The weights are a table")
        if tuple(weights.shape) == (width, 60):
            raise NotYet("There is no weight for the constant: add a column of ones to H.")
        if tuple(weights.shape) != (width + 1, 60):
            raise NotYet(
                f"For {width} activations and 60 pixels the weights need shape {(width + 1, 60)}, "
                f"but have {tuple(weights.shape)}."
            )
        _compare_weights(weights, H.double(), X.double(), penalty)
    return "This is a complete attack on a dense layer. All it needs is activations of pictures you own."


def _on_its_device(function, H, X, penalty):
    try:
        return answer_of(function, H, X, penalty)
    except RuntimeError as problem:
        if "same device" in str(problem):  # the student's identity lies on the GPU
            return answer_of(function, H.cuda(), X.cuda(), penalty)
        if "501" not in str(problem):
            raise
        raise NotYet(f"A has {H.shape[1] + 1} columns here, not 501. Take the identity's size from A.") from None


def _compare_weights(weights, H, X, penalty):
    """NotYet unless the weights are those of the penalty, on the constant or, as in textbooks, not on it."""
    A = torch.cat([H, torch.ones_like(H[:, :1])], dim=1)
    one = torch.eye(A.shape[1]).double()
    constant = one[-1:].T @ one[-1:]

    def fit(given, added):
        expected = torch.linalg.solve(A.T @ A + added, A.T @ X)
        return (given - expected).abs().mean() <= 0.01 * expected.abs().mean()

    if fit(weights, penalty * one) or fit(weights, penalty * (one - constant)):
        return
    if fit(weights.roll(-1, 0), penalty * one):
        raise NotYet("Nearly: the constant's weights should stand in the last row. Put the ones last.")
    if fit(weights, 1e-9 * one):
        raise NotYet("The penalty is not used: add penalty times the identity.")
    if fit(weights, one):
        raise NotYet("The penalty is 1 whatever is asked for: put the argument in place of 1.0.")
    if fit(weights, penalty + 0 * one):
        raise NotYet("The penalty stands on the whole table: it belongs on the diagonal only.")
    raise NotYet(f"The weights are off for a penalty of {penalty:g}. Compare your lines with the formula.")


@check
def check_auxiliary(errors, candidates, model, private):
    """errors: the student's mean squared errors by name. candidates: pictures by name, each (n, 784)."""
    given, expected, own = _picked(errors, candidates), {}, {}
    for name, pictures in candidates.items():
        if _numbers(given[name], "An error is a number").numel() > 1:
            raise NotYet(f"For {name} there is an error for each picture. Take their mean.")
        given[name] = number(given[name])
        weights = fit_ridge(model.sent(pictures), pictures)
        expected[name], own[name] = (
            mse(watched, redraw_ridge(weights, model.sent(watched))).mean().item() for watched in (private, pictures)
        )
    for name, error in given.items():
        near = [other for other in candidates if close(error, expected[other], 0.03 * expected[other])]
        if name not in near:
            hint = f"The error for {name} is off: you have {error:.3f}. Fit on {name}, measure on all of test_x."
            if near:
                hint = f"For {name} you have the error of {near[0]}. Fit on {name}."
            if close(error, own[name], 0.01 * own[name]):
                hint = f"For {name} you measured on the attacker's own pictures. Measure on test_x."
            raise NotYet(hint)
    first, *rest = sorted(expected, key=expected.get)
    for better, worse in zip([first, *rest], rest, strict=False):
        if not given[better] < given[worse]:
            raise NotYet(f"By your errors, {worse} are as good as {better}. Measure again, and keep three digits.")
    return (
        "Noise is worse than a guess, letters are best, and turning them costs a little without any warning. "
        "The attacker needs pictures with strokes, not pictures of digits."
    )


@check
def check_not_redrawn(drawn, why, model, letters):
    """drawn: the student's picture, 784 numbers from -1 to 1. why: "strokes" or "place". letters: the attacker's."""
    drawn = _as_picture(drawn, letters[:1])
    if str(why) not in ("strokes", "place"):
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
            "Try strokes one pixel thin, or load the 2 and move it to the right, step by step, until the pad says less "
            "than 50 %."
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
    drawn, mean_letter = _as_picture(drawn, letters[:1]), letters.mean(dim=0)[None]
    noise, digit = number(noise), number(digit)
    if not 0 < noise <= 100:
        raise NotYet(f"A scale of noise is above 0, as on the pad, but {noise:g} was given.")
    if (seen := int(read(reader, drawn))) != digit:
        raise NotYet(f"The reader sees a {seen} in the drawing, without noise. Check digit, or load one with its key.")
    if int(read(reader, mean_letter)) == digit:
        raise NotYet(f"The reader names even the mean letter a {digit:g}, without any message. Take another digit.")
    own, sent = model.sent(letters), model.sent(drawn)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        messages = with_noise(sent.repeat(200, 1), noise)
    redrawn = redraw_ridge(fit_ridge(own, letters, noise_variance=2 * noise**2), messages)
    as_read = (read(reader, redrawn) == digit).float().mean().item()
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
    drawn = _numbers(drawn, "A picture is 784 numbers").to(like).reshape(1, -1)
    if drawn.shape[1] != 784:
        raise NotYet(f"A picture has 784 numbers, but this has {drawn.shape[1]}.")
    if not (drawn.min() >= -1 and drawn.max() <= 1):
        raise NotYet("Pixels lie between -1 (paper) and 1 (ink).")
    if drawn.max() < 0:
        raise NotYet("There is next to no ink on it. Draw something.")
    if drawn.median() > -0.9:
        raise NotYet("Most of a page is paper, which is -1. Pixels from 0 to 1 become so by 2 * x - 1.")
    return drawn


@check
def check_live_share(shares, clients, live, pictures):
    """shares: by client, how many of its live units speak on average, from 0 to 1. live: by client, True for those."""
    given = {name: number(share) for name, share in _picked(shares, clients).items()}
    speak = {name: (client.sent(pictures) > 0).float() for name, client in clients.items()}
    right = {name: said[:, live[name]].mean().item() for name, said in speak.items()}
    for name, share in given.items():
        expected, dead_too = right[name], speak[name].mean().item()
        other = next(right[other] for other in right if other != name)
        # Other pictures give nearly the same share: two digits are enough only where they are the right ones.
        if not (close(share, expected, 6e-4) or share == round(expected, 2)):
            for wrong, tolerance, hint in (
                (dead_too, 6e-4, f"That is the share among all units of the {name} client. Leave the dead ones out."),
                (speak[name].sum(dim=1).mean().item(), 0.6, "That is a number of units. Divide it by the live ones."),
                (100 * expected, 0.06, "That is in per cent. Give a share between 0 and 1."),
                (1 - expected, 6e-4, "That is the share of silent units."),
                (other, 6e-4, "That is the share of the other client."),
            ):
                if close(share, wrong, tolerance):
                    raise NotYet(hint)
            raise NotYet(f"The share for the {name} client is off: you have {share:.4f}. Average over all of test_x.")
    return (
        f"Of the live units, {given['untrained']:.0%} speak in the untrained client and {given['trained']:.0%} in the "
        "trained one. Training did not make them quieter; it made them fewer."
    )


@check
def check_label_from_gradient(label_from_gradient):
    """label_from_gradient: the student's function from ten numbers to a digit."""
    random, tries = torch.Generator().manual_seed(0), []
    for _ in range(200):
        label = int(torch.randint(10, (), generator=random))
        # Networks that are unsure, sure and right, or sure and wrong.
        spread = 5 * torch.rand((), generator=random)
        belief = (spread * torch.randn(10, generator=random)).softmax(0)
        gradient = belief - torch.eye(10)[label]
        given = number(answer_of(label_from_gradient, gradient.clone()))
        tries.append((given, label, int(gradient.argmax()), int(belief.argmax()), gradient))
    if all(given == largest for given, _, largest, *_ in tries):
        raise NotYet("The largest number belongs to a digit that was not written. Look at the signs.")
    if all(given == believed for given, *_, believed, _ in tries):
        raise NotYet("That is the digit that the network believes in, which may be wrong. Look at the signs.")
    for given, label, *_, gradient in tries:
        if given != label:
            numbers = [round(float(g), 2) for g in gradient]
            raise NotYet(f"The digit was {label}, but your function says {given:g} for {numbers}.")
    return "One sign gives the label away. A gradient holds both the picture and the answer."


@check
def check_reading_scores(gave_away):
    """gave_away: for each of "A", "B" and "C" one of "hand", "class", "nothing"."""
    said = {name: str(word).strip().lower() for name, word in _picked(gave_away, "ABC").items()}
    if unknown := [name for name, word in said.items() if word not in ("hand", "class", "nothing")]:
        raise NotYet(f'Say "hand", "class" or "nothing" for {unknown[0]}.')
    hints = {
        ("A", "nothing"): "A has the MSE of a guess. But how often is it read right?",
        ("A", "hand"): "A is read right very often. Do its copies lead back to the person who wrote them?",
        ("B", "hand"): "B leads back to its writer as seldom as a guess, about 1 %.",
        ("B", "class"): "B is read right as seldom as a guess, about 10 %.",
        ("C", "class"): "C leads back to its writer most of the time. A class could not.",
        ("C", "nothing"): "C is read right very often, and leads back to its writer most of the time.",
    }
    for answer in said.items():
        if answer in hints:
            raise NotYet(hints[answer])
    return "MSE could not tell A from B. The right question did: what was written, and by whom?"


@check
def check_undo_sigmoid(undo_sigmoid):
    """undo_sigmoid: the student's function from numbers between 0 and 1 to those before the sigmoid."""
    before = torch.linspace(-8, 8, 33).reshape(3, 11)
    given = _numbers(answer_of(undo_sigmoid, before.sigmoid()), "Give back a tensor of numbers")
    if given.shape != before.shape:
        raise NotYet(f"For shape {tuple(before.shape)} your function gives shape {tuple(given.shape)}.")
    for hint, wrong in {
        "The sign is turned round: numbers over one half come from positive ones.": -before,
        "That undoes a tanh. A sigmoid lies between 0 and 1: its inverse is another.": before.sigmoid().atanh(),
        "That is the logarithm of s alone. Divide s by 1 - s first.": before.sigmoid().log(),
        "These are the odds, s / (1 - s). Take their logarithm.": before.exp(),
        "That is the sigmoid once more. Its inverse is asked for.": before.sigmoid().sigmoid(),
        "That is half of it: a sigmoid of x is made of a tanh of x / 2. Double it.": before / 2,
    }.items():
        if torch.allclose(given, wrong.double(), rtol=1e-2, atol=1e-3):
            raise NotYet(hint)
    if (far := (given - before).abs().flatten()).max() > 0.05:
        i = int(far.argmax())
        asked, said = before.flatten()[i], given.flatten()[i]
        too_far = " You clamp too far in: 1e-6 is enough." if abs(asked) > 6 else ""
        raise NotYet(f"For {asked.sigmoid():.5f} it should give {asked:.3f}, but gives {said:.3f}.{too_far}")
    ends = _numbers(answer_of(undo_sigmoid, torch.tensor([0.0, 1.0])), "Give back a tensor of numbers")
    if ends.shape != (2,) or not (-1000 < ends[0] < -7.9 and 7.9 < ends[1] < 1000):
        raise NotYet(
            f"For 0 and 1 it gives {ends.tolist()}: they should lie a little beyond all others, such as -14 and 14. "
            "Clamp what was sent first, at both ends. In single precision 1 - 1e-8 is exactly 1, but 1 - 1e-6 is not."
        )
    return "A curve that everybody knows hides nothing, except where numbers were rounded to its ends."


def secret_curve(sums):
    """What a phone with a secret curve sends: an increasing function of the sums before the tanh."""
    return sums / (0.1 + sums.abs())


@check
def check_secret_curve(redrawn, pictures, labels):
    """redrawn: the student's copies of pictures, shape (n, 784), from -1 to 1."""
    redrawn = _numbers(redrawn, "redrawn must hold a picture for each message").to(pictures)
    if redrawn.shape != pictures.shape:
        raise NotYet(f"Redraw all of test_x: shape {tuple(pictures.shape)}, but yours is {tuple(redrawn.shape)}.")
    if not redrawn.isfinite().all():
        raise NotYet("Some of your pixels are not finite: a share of exactly 0 or 1 has no normal score.")
    if (error := mse(pictures, redrawn.clamp(-1, 1)).mean().item()) < 0.02:
        raise NotYet(f"The error is {error:.3f}, which no line from letters reaches. Did you learn from test_x?")
    if error > 0.11:
        raise NotYet(
            f"The error is {error:.3f}. A plain line has about 0.16; 0.11 or less is asked for. If you used ranks: "
            "rank letters and digits among the same numbers, those of the letters."
        )
    led_back = found_among_same_digit(pictures, redrawn.clamp(-1, 1), labels).float().mean().item()
    return (
        f"The error is {error:.3f}, and {led_back:.0%} lead back to their original. The curve was secret, but its "
        "order was not: what is larger before it is larger after it."
    )
