"""A text becomes a vector, the mean of its tokens' vectors; and the attackers that read the tokens out of it again."""

from typing import NamedTuple

import numpy as np

from .. import inputs
from ..progress import bar

TOLERANCE = 1e-3  # of a vector's length: what is left when a text is read whole
AT_ONCE = 64  # texts that are read side by side: their cosines, 64 × 32,000 of them, take 8 MB


class Encoder:
    """An embedding model without context: a tokeniser, and one vector for each of its tokens.

    vectors: float32, shape (tokens, numbers). tokenizer: a tokenizers.Tokenizer.
    """

    def __init__(self, vectors, tokenizer):
        self.vectors, self.tokenizer = vectors, tokenizer

    def tokens(self, text):
        """The numbers of a text's tokens, in order: an int array, of one at least.

        Characters that the model does not know, such as emoji, become their bytes, a token each. A text may have any
        length. Raises TypeError for what is no text, ValueError for an empty one.
        """
        if not inputs.text("text", text).strip():
            raise ValueError(f"text must hold a word, but {inputs.described(text)} was given.")
        return np.array(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def pieces(self, tokens):
        """What tokens stand for, a text each; "▁" is a space before it. Raises ValueError for unknown numbers."""
        tokens = [inputs.whole("A token", t, 0, len(self.vectors) - 1) for t in inputs.sequence("tokens", tokens)]
        return [self.tokenizer.id_to_token(token) for token in tokens]

    def embed(self, texts):
        """One vector a text: the mean of its tokens' vectors, brought to length 1. float32, shape (n, numbers).

        texts: a text, or a list of texts. Raises as tokens does; ValueError for no text.
        """
        texts = [texts] if isinstance(texts, str) else inputs.sequence("texts", texts)
        if not texts:
            raise ValueError("texts must hold at least one text, but is empty.")
        if bad := [text for text in texts if not inputs.text("A text", text).strip()]:
            raise ValueError(f"Each text must hold a word, but {inputs.described(bad[0])} was given.")
        embedded = np.empty((len(texts), self.vectors.shape[1]), np.float32)
        for start in range(0, len(texts), 1024):  # what a tokeniser says of a text takes more memory than its vector
            encoded = self.tokenizer.encode_batch(texts[start : start + 1024], add_special_tokens=False)
            embedded[start : start + 1024] = at_length_1([self.vectors[one.ids].mean(axis=0) for one in encoded])
        return embedded


class Reading(NamedTuple):
    """What an attacker reads out of one vector.

    tokens: shape (k,), in the order in which they were found. counts: shape (k,), how often each stands in the text; 0
    where a token was tried and dropped. left: shape (k + 1,), the share of the vector's squared length that is not
    explained after each step, from 1 down.
    """

    tokens: np.ndarray
    counts: np.ndarray
    left: np.ndarray

    def all(self):
        """Every token as often as it was counted: shape (n,), to be compared with a text's own."""
        return np.repeat(self.tokens, self.counts)


def at_length_1(vectors):
    """Vectors, shape (n, d), each divided by its length. float32. Raises ValueError for one of zeros, or not finite."""
    vectors = inputs.array("vectors", vectors, ("n", "d"))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(f"Vector {lengths[:, 0].argmin()} is all zeros: it points nowhere.")
    return (vectors / lengths).astype(np.float32)


def rounded(stored, bits):
    """Vectors with ``bits`` bits for each number: the middle of one of 2 ** bits equal steps. One bit keeps the sign.

    stored: shape (n, d). bits: 1 to 16. The steps reach from minus the largest magnitude of all to plus it.
    """
    stored, bits = inputs.array("stored", stored, ("n", "d")), inputs.whole("bits", bits, 1, 16)
    if not (most := np.abs(stored).max()):
        raise ValueError("stored must hold a number that is not 0, but all are.")
    step = 2 * most / 2**bits
    steps = np.clip(np.floor(stored / step), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return ((steps + 0.5) * step).astype(np.float32)


def log_shares(texts, size):
    """How common each token is: the logarithm of its share of all tokens of ``texts``, shape (size,).

    texts: a list of token arrays, the attacker's own. Each token counts half more than it was seen, so that none is
    thought impossible. size: how many tokens there are.
    """
    size = inputs.whole("size", size, 1)
    counts = np.bincount(np.concatenate(_seen(texts, size)), minlength=size) + 0.5
    return np.log(counts / counts.sum())


def rare(texts, size, share=0.02):
    """Which tokens are rare: in fewer than ``share`` of ``texts``, a list of token arrays. Booleans, shape (size,)."""
    size, share = inputs.whole("size", size, 1), inputs.real("share", share, 0, 1)
    texts = _seen(texts, size)
    once = np.bincount(np.concatenate([np.unique(tokens) for tokens in texts]), minlength=size)
    return once < share * len(texts)


def fool(texts, length):
    """The guess of one who has no vector: the tokens that a text of that length holds on average, commonest first.

    texts: a list of token arrays. Returns a Reading with counts that sum to ``length``, or a little less.
    """
    length = inputs.whole("length", length, 1)
    counts = np.bincount(np.concatenate(_seen(texts, np.inf)))
    expected = length * counts / counts.sum()
    tokens = np.argsort(-counts, kind="stable")[:length]
    often = np.maximum(np.round(expected[tokens]), 1).astype(int)
    kept = np.cumsum(often) <= length
    return Reading(tokens[kept], often[kept], np.ones(1 + kept.sum()))


def _seen(texts, size):
    """A list of token arrays, as ints below ``size``."""
    arrays = [inputs.array("A text's tokens", tokens, ("n",), 0) for tokens in inputs.sequence("texts", texts)]
    if not arrays:
        raise ValueError("texts must hold the tokens of at least one text, but is empty.")
    for tokens in arrays:
        if tokens.max() >= size or (tokens != tokens.round()).any():
            raise ValueError(f"Tokens are whole numbers below {size}, but {tokens.max():g} is among them.")
    return [tokens.astype(int) for tokens in arrays]


def read(stored, vectors, log_shares=None, steps=60):
    """The tokens of texts, out of their vectors alone: orthogonal matching pursuit, many texts side by side.

    Each step takes the token whose vector points most along what is left, and fits all tokens so far again by least
    squares. It ends when nothing is left, or after ``steps``, or d.
    stored: shape (n, d), of any length, or (d,) for one. vectors: the model's, shape (tokens, d).
    log_shares: for an attacker who knows how people write, and that the numbers are not exact: a token must then be
    worth its rarity. It is taken where the gain in the log-likelihood of the vector, plus the logarithm of the token's
    share, is largest, and nothing is taken once that falls below 0.
    Returns a list of Reading. Raises TypeError or ValueError for other shapes, zeros, or what is not finite.
    Source: Y. Pati, R. Rezaiifar, P. Krishnaprasad, Asilomar 1993; J. Tropp, A. Gilbert, IEEE TIT 2007.
    """
    vectors, inverse = _with_inverse_lengths(vectors)
    one = getattr(stored, "ndim", 2) == 1
    stored = at_length_1(inputs.array("stored", [stored] if one else stored, ("n", vectors.shape[1])))
    if log_shares is not None:
        log_shares = inputs.array("log_shares", log_shares, (len(vectors),)).astype(np.float32)
    steps, found = min(inputs.whole("steps", steps, 1), vectors.shape[1]), []
    for start in bar(range(0, len(stored), AT_ONCE), f"groups of {AT_ONCE} texts read"):
        some = stored[start : start + AT_ONCE]
        for x, (tokens, left) in zip(some, _pursue(some, vectors, inverse, log_shares, steps), strict=True):
            found.append(Reading(tokens, _counts(x, vectors[tokens], left[-1]), left))
    return found


def _with_inverse_lengths(vectors):
    """The model's vectors as float32, and one over the length of each. float32 stays where it is: 32 MB."""
    if getattr(vectors, "dtype", None) != np.float32 or vectors.ndim != 2:
        vectors = inputs.array("vectors", vectors, ("tokens", "d")).astype(np.float32)
    lengths = np.sqrt(np.einsum("td,td->t", vectors, vectors))
    if not (np.isfinite(lengths).all() and lengths.all() and len(lengths)):
        raise ValueError("Some of vectors are missing, infinite, or all zeros.")
    return vectors, 1 / lengths


def _pursue(stored, vectors, inverse, log_shares, steps):
    """The pursuit for a few vectors of length 1: for each its tokens, and the share that is left after each step."""
    n, d = stored.shape
    what_is_left, axes = stored.copy(), np.zeros((n, steps, d), np.float32)  # axes: the tokens' own, at right angles
    tokens, left, active = [[] for _ in stored], [[1.0] for _ in stored], np.arange(n)
    for step in bar(range(steps), "tokens of each text looked for"):
        r = what_is_left[active]
        cosine = (r / np.linalg.norm(r, axis=1, keepdims=True)) @ vectors.T
        cosine *= inverse
        best, worth = _best(cosine, log_shares, d)
        active, best, r = active[worth], best[worth], r[worth]
        axis = vectors[best] * inverse[best, None]
        for _ in range(2):  # twice: float32 forgets a little
            along = np.einsum("nkd,nd->nk", axes[active, :step], axis)
            axis = axis - np.einsum("nk,nkd->nd", along, axes[active, :step])
        axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-12)
        axes[active, step] = axis
        what_is_left[active] = r - (r * axis).sum(axis=1, keepdims=True) * axis
        now = (what_is_left[active] ** 2).sum(axis=1)
        for i, token, share in zip(active, best, now, strict=True):
            tokens[i].append(token)
            left[i].append(float(share))
        active = active[now > TOLERANCE**2]
        if not len(active):
            break
    return [(np.array(some, int), np.array(shares)) for some, shares in zip(tokens, left, strict=True)]


def _best(cosine, log_shares, d):
    """The token to take for each row of cosines, and whether it is worth taking."""
    if log_shares is None:
        return cosine.argmax(axis=1), np.ones(len(cosine), bool)
    np.clip(cosine, 0, 0.9999, out=cosine)
    gain = np.log(1 - cosine * cosine)
    gain *= -d / 2
    gain += log_shares
    return gain.argmax(axis=1), gain.max(axis=1) > 0


def _counts(x, chosen, left):
    """How often each chosen token stands in a text: least squares, then the whole numbers that it points to.

    x: the text's vector, shape (d,). chosen: the tokens' vectors, shape (k, d). The scale is not known, since x has
    length 1: it is the one with the fewest tokens at which all counts are whole. Where x is not fully explained, each
    token counts by the median.
    """
    if not len(chosen):
        return np.zeros(0, int)
    shares = np.linalg.lstsq(chosen.T, x, rcond=None)[0]
    middle = np.median(shares[shares > 0]) if (shares > 0).any() else 1
    shares[shares < 0.2 * middle] = 0
    if left <= TOLERANCE**2:
        for total in range(1, 257):
            counts = shares / shares.sum() * total
            if np.abs(counts - counts.round()).max() < 0.05 and (counts[shares > 0] > 0.5).all():
                return counts.round().astype(int)
    return np.where(shares > 0, np.maximum(np.round(shares / middle), 1), 0).astype(int)


def score(texts, readings, rare):
    """How much of ``texts`` was taken, in per cent: a dict from a score to a number.

    texts: a list of token arrays, the true ones. readings: a Reading for each. rare: booleans over all tokens.
    "tokens taken": of all tokens, each as often as it stands there. "rare tokens taken": of the rare ones. "right when
    named": of the rare tokens that the attacker names, how many are there. "whole texts": those without a mistake.
    Raises ValueError where there is not one reading a text.
    """
    rare = inputs.array("rare", rare, ("size",), 0, 1) > 0
    texts, readings = _seen(texts, len(rare)), inputs.sequence("readings", readings)
    if len(texts) != len(readings) or not all(isinstance(one, Reading) for one in readings):
        raise ValueError(f"Each of the {len(texts)} texts needs a Reading, but {inputs.described(readings)} was given.")
    size, hits, asked, named, rare_hits, rare_asked, whole = len(rare), 0, 0, 0, 0, 0, 0
    for tokens, reading in zip(texts, readings, strict=True):
        true, guess = (np.bincount(some, minlength=size) for some in (tokens, reading.all()))
        both = np.minimum(true, guess)
        hits, asked, whole = hits + both.sum(), asked + true.sum(), whole + (true == guess).all()
        rare_hits, rare_asked, named = (
            rare_hits + both[rare].sum(),
            rare_asked + true[rare].sum(),
            named + guess[rare].sum(),
        )
    return {
        "tokens taken": 100 * hits / asked,
        "rare tokens taken": 100 * rare_hits / max(rare_asked, 1),
        "right when named": 100 * rare_hits / max(named, 1),
        "whole texts": 100 * whole / len(texts),
    }
