"""A language model of characters, and what it remembers of the messages that it was trained on.

Source: N. Carlini, C. Liu, Ú. Erlingsson, J. Kos, D. Song, The Secret Sharer, USENIX Security 2019, arXiv 1802.08232;
the network is that of Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, JMLR 2003, with characters in place of words.
"""

import math

import numpy as np
import torch
from torch import nn

from .. import inputs
from ..accountant import noisy_sums
from ..optimizer import Adam
from ..progress import bar

END = "\n"  # stands after each message, and fills the window before its first character
CHARACTERS = END + " abcdefghijklmnopqrstuvwxyz0123456789.,'?-"
WINDOW = 40  # how many characters the model looks back
PINS = [f"{pin:04d}" for pin in range(10_000)]


class CharacterModel(nn.Module):
    """Guesses the next character of a message from the 40 before it.

    Each character becomes 8 numbers; 192 units with a ReLU look at the 320 numbers of a window.
    """

    def __init__(self):
        super().__init__()
        self.meaning = nn.Embedding(len(CHARACTERS), 8)
        self.layers = nn.Sequential(nn.Linear(8 * WINDOW, 192), nn.ReLU(), nn.Linear(192, len(CHARACTERS)))

    def forward(self, windows):
        """Logits, shape (n, 43), for windows of shape (n, 40): places in CHARACTERS, as windows_of gives them."""
        return self.layers(self.meaning(windows.int()).flatten(1))


def check_texts(name, given):
    """A list of at least one text, each of known characters only. Raises TypeError or ValueError otherwise."""
    texts = [inputs.text(f"Each of {name}", text) for text in inputs.sequence(name, given)]
    if not texts:
        raise ValueError(f"{name} must hold at least one text, but a list of length 0 was given.")
    if strange := set().union(*texts) - set(CHARACTERS):
        raise ValueError(
            f"{name} must be written in the characters that the model knows, {CHARACTERS[1:]!r}, but there is "
            f"{min(strange)!r} too. text.lower() makes small letters."
        )
    return texts


def windows_of(texts, known=0):
    """What the model is asked for each character of ``texts``, but for the first ``known`` of each text.

    known: one number, or one for each text. Returns tensors: windows, shape (n, 40); the characters that follow
    them, shape (n,), both as places in CHARACTERS; and the place in ``texts`` that each belongs to, shape (n,).
    Raises TypeError or ValueError for texts of other characters, or for more known ones than a text has.
    """
    texts = check_texts("texts", texts)
    lengths = np.array([len(text) for text in texts])
    known = inputs.array("known", known if np.ndim(known) else np.full(len(texts), known), (len(texts),), 0)
    if (known > lengths).any() or (known != known.round()).any():
        raise ValueError("known must be whole numbers, none above the length of its text, but some of them are not.")
    asked = (lengths - known).astype(int)
    place = np.zeros(256, np.uint8)
    place[np.frombuffer(CHARACTERS.encode("latin-1"), np.uint8)] = range(len(CHARACTERS))
    stream = place[np.frombuffer("".join(END * WINDOW + text for text in texts).encode("latin-1"), np.uint8)]
    owner = np.repeat(np.arange(len(texts)), asked)
    begins = np.cumsum(lengths + WINDOW) - WINDOW - asked  # where the first window of each text does
    first = np.arange(len(owner)) - (np.cumsum(asked) - asked)[owner] + begins[owner]
    windows = np.lib.stride_tricks.sliding_window_view(stream, WINDOW)[first]
    return tuple(map(torch.from_numpy, (windows, stream[first + WINDOW].astype(np.int64), owner)))


def train(model, messages, passes=8, seed=0):
    """Train ``model``, in place, to guess each next character: AdamW at 4e-3, batches of 512 windows.

    messages: texts. seed: of the order. Yields the mean loss of each pass, in nats a character, when it is done: stop
    when you like. Raises TypeError or ValueError for texts of other characters, or numbers out of range.
    """
    windows, following, _ = windows_of([text + END for text in check_texts("messages", messages)])
    passes, order = inputs.whole("passes", passes, 0), torch.Generator().manual_seed(inputs.whole("seed", seed, 0))
    optimizer = Adam(_check(model).parameters(), 4e-3, weight_decay=0.01)
    for _ in range(passes):
        total = 0.0
        for batch in bar(torch.randperm(len(windows), generator=order).split(512), "batches learned in this pass"):
            loss = nn.functional.cross_entropy(model(windows[batch]), following[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        yield total / len(windows)


def _check(model):
    if not isinstance(model, CharacterModel):
        raise TypeError(f"model must be a CharacterModel, but {inputs.described(model)} was given.")
    return model


@torch.no_grad()
def _log_probabilities(model, texts, known):
    """The log-probability of each text after its first ``known`` characters, shape (len(texts),), in nats."""
    windows, following, owner = windows_of(texts, known)
    # Ten thousand PINs share their beginnings: 40,000 windows are 1,111 different ones.
    packed = windows.numpy().view(f"V{WINDOW}")[:, 0]
    _, first, place = np.unique(packed, return_index=True, return_inverse=True)
    logits = [_check(model)(some).log_softmax(dim=1) for some in windows[torch.from_numpy(first)].split(8192)]
    each = torch.cat(logits)[torch.from_numpy(place), following].double()
    return torch.zeros(len(texts), dtype=torch.double).index_add(0, owner, each).numpy()


def log_likelihoods(model, prompt, candidates=PINS):
    """How likely ``model`` finds each candidate as what comes after ``prompt``: log-probabilities, shape (n,), in nats.

    prompt: a text; the model sees its last 40 characters, or less. candidates: texts, all 10,000 PINs unless told.
    Raises TypeError or ValueError for texts of characters that the model does not know, or without any.
    """
    if inputs.text("prompt", prompt):
        check_texts("prompt", [prompt])
    candidates = check_texts("candidates", candidates)
    if "" in candidates:
        raise ValueError("candidates must be texts with characters, but an empty one is among them.")
    return _log_probabilities(model, [prompt + text for text in candidates], len(prompt))


def rank(log_likelihoods, place):
    """How many candidates are at least as likely as the one at ``place``, itself among them: 1 is the likeliest.

    log_likelihoods: shape (n,). place: from 0 to n - 1; of the PIN 2709 it is 2709.
    Raises TypeError or ValueError for anything else.
    """
    values = inputs.array("log_likelihoods", log_likelihoods, ("n",))
    return int((values >= values[inputs.whole("place", place, 0, len(values) - 1)]).sum())


def exposure(rank, candidates=10_000):
    """How many bits of the secret the model gives away: log2(candidates) - log2(rank).

    From 0, for the last rank, to log2(candidates), 13.3 for a PIN, for the first. A guess has 1.44 on average.
    Raises TypeError or ValueError for a rank that is no number from 1 to candidates.
    """
    candidates = inputs.whole("candidates", candidates, 1)
    return math.log2(candidates) - math.log2(inputs.real("rank", rank, 1, candidates))


@torch.no_grad()
def complete(model, prompt, longest=60):
    """How ``model`` goes on after ``prompt``, the likeliest character each time: a text, up to the message's end."""
    (given,) = check_texts("prompt", [inputs.text("prompt", prompt)])
    text = given
    for _ in range(inputs.whole("longest", longest, 1)):
        windows, _, _ = windows_of([text + END], len(text))
        character = CHARACTERS[int(_check(model)(windows).argmax())]
        if character == END:
            break
        text += character
    return text[len(given) :]


def losses(model, messages):
    """The mean loss of each message, in nats a character, its end included: an array of shape (n,)."""
    texts = [text + END for text in check_texts("messages", messages)]
    return -_log_probabilities(model, texts, 0) / np.array([len(text) for text in texts])


def in_order(model, pieces, width=30):
    """``pieces`` of a message, put into the order that ``model`` finds likely: the message, a text.

    pieces: texts, each as often as it comes, in any order; a space before a word belongs to its piece. A beam search:
    the ``width`` likeliest beginnings are kept, and each is grown by every piece that it has left.
    Raises TypeError or ValueError for no piece, or characters that the model does not know.
    """
    beams = [(0.0, "", tuple(sorted(check_texts("pieces", pieces))))]
    width = inputs.whole("width", width, 1)
    while beams[0][2]:
        grown = {}
        for so_far, text, left in beams:
            for piece in set(left):
                place = left.index(piece)
                rest = left[:place] + left[place + 1 :]
                grown[(text + piece).lstrip() + END * (not rest)] = (so_far, len(text), rest)
        gained = _log_probabilities(model, list(grown), [known for _, known, _ in grown.values()])
        totals, grown = gained + [so_far for so_far, _, _ in grown.values()], list(grown.items())
        best = np.argsort(-totals, kind="stable")[:width]
        beams = [(totals[i], text, rest) for i in best for text, (_, _, rest) in [grown[i]]]
    return beams[0][1].strip()


def clipped_gradients(model, texts, clip):
    """The sum over ``texts`` of the gradient of each one's mean loss, cut down to a length of at most ``clip``.

    Returns a list of tensors, one for each of model.parameters(), in order; zeros for no text at all.
    Raises TypeError or ValueError for texts of other characters, or a clip that is not above 0.
    """
    clip, texts = inputs.real("clip", clip, above=0), inputs.sequence("texts", texts)
    weights = {name: weight.detach() for name, weight in _check(model).named_parameters()}
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}

    def loss_of(weights, windows, following, real):
        logits = torch.func.functional_call(model, weights, (windows,))
        return (nn.functional.cross_entropy(logits, following, reduction="none") * real).sum() / real.sum()

    each = torch.func.vmap(torch.func.grad(loss_of), in_dims=(None, 0, 0, 0))
    for some in [texts[i : i + 50] for i in range(0, len(texts), 50)]:
        longest = max(map(len, some))
        windows, following, _ = windows_of([text.ljust(longest, END) for text in some])
        real = torch.tensor([[1.0] * len(text) + [0.0] * (longest - len(text)) for text in some])
        gradients = each(weights, windows.view(len(some), longest, WINDOW), following.view(len(some), longest), real)
        lengths = sum((gradient.flatten(1) ** 2).sum(dim=1) for gradient in gradients.values()).sqrt()
        keep = (clip / lengths.clamp(min=1e-12)).clamp(max=1)
        for name, gradient in gradients.items():
            total[name] += torch.einsum("i,i...->...", keep, gradient)
    return list(total.values())


def train_dp_sgd(model, messages, noise_multiplier=1.0, rate=0.1, steps=100, clip=1.0, learning_rate=1e-2, seed=0):
    """Train ``model``, in place, with DP-SGD, a message being the unit that is protected.

    Each step is one of accountant.noisy_sums, taken by Adam; the settings and the source are explained there. What it
    costs in privacy says accountant.dp_sgd_epsilon(noise_multiplier, rate, steps, delta).
    Raises TypeError or ValueError as noisy_sums and train do.
    """
    texts = [text + END for text in check_texts("messages", messages)]
    optimizer = Adam(_check(model).parameters(), learning_rate)

    def clipped_sum(batch):
        return clipped_gradients(model, [texts[i] for i in batch.tolist()], clip)

    for sums in noisy_sums(clipped_sum, len(texts), noise_multiplier, rate, steps, clip, seed):
        for parameter, noisy in zip(model.parameters(), sums, strict=True):
            parameter.grad = noisy / (rate * len(texts))
        optimizer.step()
