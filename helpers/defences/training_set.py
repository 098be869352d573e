"""DP-SGD, which protects the training set, and the attacks on it."""

import numpy as np
import torch
from torch import nn

from .. import inputs, inversion
from ..accountant import noisy_sums
from ..inversion.splitnn import check_kind, check_labels


def clipped_gradients(model, pictures, labels, clip):
    """The sum over the batch of each picture's own gradient, cut down to a length of at most ``clip``.

    model: its layers with weights are all nn.Linear, as in SplitNN. pictures: shape (n, 784), n may be 0.
    labels: integers, shape (n,). clip: above 0; the length is taken over all weights together.
    Returns a list of tensors, one for each of model.parameters(), in order.

    A picture's gradient of a dense layer is the product of what came in and what came back, so its length
    is the product of theirs: no gradient of a single picture is ever stored.
    Source: M. Abadi et al., CCS 2016; I. Goodfellow, 2015, arXiv 1510.01799 (the shortcut).
    """
    clip = inputs.real("clip", clip, above=0)
    layers = [layer for layer in check_kind("model", model).modules() if isinstance(layer, nn.Linear)]
    parameters = list(model.parameters())
    if not layers or list(map(id, parameters)) != [id(part) for layer in layers for part in (layer.weight, layer.bias)]:
        raise ValueError(
            "A model's weights must be those of nn.Linear layers with constants, as in a SplitNN. This one's are not."
        )
    if isinstance(pictures, torch.Tensor) and len(pictures) == 0:
        return [torch.zeros_like(parameter) for parameter in parameters]
    pictures = inversion.check_pictures(pictures).to(parameters[0])
    labels, passed = check_labels(labels, len(pictures), 9, pictures.device), []
    hooks = [layer.register_forward_hook(lambda at, came, went: passed.append((at, came[0], went))) for layer in layers]
    try:
        loss = nn.functional.cross_entropy(model(pictures), labels, reduction="sum")
    finally:
        for hook in hooks:
            hook.remove()
    if [layer for layer, _, _ in passed] != layers:
        raise ValueError("A model must use each layer once, in the order of model.parameters(), but this one does not.")
    came_back = torch.autograd.grad(loss, [went for _, _, went in passed])
    with torch.no_grad():
        both = [(came, back) for (_, came, _), back in zip(passed, came_back, strict=True)]
        squares = [(back**2).sum(dim=1) * ((came**2).sum(dim=1) + 1) for came, back in both]
        keep = (clip / sum(squares).sqrt().clamp(min=1e-12)).clamp(max=1)[:, None]
        return [part for came, back in both for part in ((back * keep).T @ came, (back * keep).sum(dim=0))]


def train_dp_sgd(
    model, pictures, labels, noise_multiplier=1.0, rate=0.1, steps=150, clip=1.0, learning_rate=0.5, seed=0
):
    """Train ``model``, in place, with DP-SGD: random batches, clipped gradients, Gaussian noise.

    Each step goes down one of accountant.noisy_sums; the settings and the source are explained there, the model and its
    data in clipped_gradients. Raises TypeError or ValueError as these do.
    What this costs in privacy says dp_sgd_epsilon(noise_multiplier, rate, steps, delta).
    """
    pictures, parameters = inversion.check_pictures(pictures), list(check_kind("model", model).parameters())
    labels = check_labels(labels, len(pictures), 9, pictures.device)
    learning_rate = inputs.real("learning_rate", learning_rate, 0)

    def clipped_sum(batch):
        batch = batch.to(pictures.device)
        return clipped_gradients(model, pictures[batch], labels[batch], clip)

    for sums in noisy_sums(clipped_sum, len(pictures), noise_multiplier, rate, steps, clip, seed):
        with torch.no_grad():
            for parameter, noisy in zip(parameters, sums, strict=True):
                parameter -= learning_rate * noisy / (rate * len(pictures))


@torch.no_grad()
def membership(models, pools, compared=False, false_alarms=0.01):
    """How well a confident answer gives training pictures away: (AUC, share of members found).

    models: one for each pool, trained on it and on none of the others. pools: list of (pictures, labels). Every picture
    is a member for one model and a stranger for the others, so that members and strangers are the same pictures,
    equally difficult. The score is the log odds of the right label; it orders pictures as their loss does. AUC is the
    chance that a member scores above a stranger; 0.5 is a coin. The second number is the share of members that an
    attacker finds who may call at most the share ``false_alarms`` of strangers members; a coin finds as many.
    compared: subtract the mean score of models that were not trained on the picture. This attacker knows such models
    and so how difficult a picture is; it needs at least three pools. Raises TypeError or ValueError for fewer than two
    pools (three if compared), another number of models, and scores that are no numbers.
    Source: S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha, CSF 2018; compared: L. Watson, C. Guo, G. Cormode,
    A. Sablayrolles, ICLR 2022; the log odds: N. Carlini and others, IEEE S&P 2022.
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    models, pools, least = inputs.sequence("models", models), inputs.sequence("pools", pools), 3 if compared else 2
    false_alarms = inputs.real("false_alarms", false_alarms, 0, 1)
    if len(models) != len(pools) or len(pools) < least:
        raise ValueError(f"Needed are {least} pools and as many models, but there are {len(pools)} and {len(models)}.")
    scores, member = [], []
    for j, pool in enumerate(pools):
        if not isinstance(pool, (tuple, list)) or len(pool) != 2:
            raise TypeError(f"A pool must be a pair of pictures and labels, but {inputs.described(pool)} was given.")
        pictures = inversion.check_pictures(pool[0])
        labels = check_labels(pool[1], len(pictures), 9, pictures.device)
        answers = [check_kind("A model", model)(pictures) for model in models]
        rest = [answer.scatter(1, labels[:, None], -torch.inf).logsumexp(dim=1) for answer in answers]
        odds = [answer.gather(1, labels[:, None])[:, 0] - other for answer, other in zip(answers, rest, strict=True)]
        of_model = torch.stack(odds).cpu().numpy()
        for i in range(len(models)):
            strangers = [k for k in range(len(models)) if k not in (i, j)]
            scores.append(of_model[i] - of_model[strangers].mean(axis=0) if compared else of_model[i])
            member.append(np.full(len(pictures), i == j))
    member, scores = np.concatenate(member), np.concatenate(scores)
    if not np.isfinite(scores).all():
        raise ValueError("Answers must be finite, but those of some model are not: its training has failed.")
    wrong, found, _ = roc_curve(member, scores)
    return float(roc_auc_score(member, scores)), float(found[wrong <= false_alarms].max())


def class_prototypes(model):
    """For each of the ten digits a picture of which ``model`` is as sure as can be, shape (10, 784).

    Starts from grey and climbs the gradient of the digit's log-probability, in 300 steps of 0.02 a pixel.
    Uses no message of anybody.
    Source: M. Fredrikson, S. Jha, T. Ristenpart, CCS 2015, algorithm 1, without its clean-up step.
    """
    device = next(check_kind("model", model).parameters()).device
    pictures = torch.zeros(10, 784, device=device, requires_grad=True)
    for _ in range(300):
        loss = nn.functional.cross_entropy(model(pictures), torch.arange(10, device=device), reduction="sum")
        (slope,) = torch.autograd.grad(loss, pictures)
        with torch.no_grad():
            pictures -= 0.02 * slope.sign()
            pictures.clamp_(-1, 1)
    return pictures.detach()
