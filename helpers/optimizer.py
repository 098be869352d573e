"""Adam without PyTorch's compiler, which torch.optim's classes import: about 70 MB of memory, and over a second."""

import torch
from torch.optim.adam import adam
from torch.optim.adamw import adamw

from . import inputs


class Adam:
    """Takes the steps of torch.optim.Adam; with a weight decay, those of torch.optim.AdamW.

    They are PyTorch's own, in its fused form. parameters: of a network, or tensors that need a gradient; one that has
    none at a step stays as it is. learning_rate: above 0. weight_decay: at least 0; AdamW's own is 0.01.
    Raises TypeError or ValueError for anything else.
    Sources: D. Kingma, J. Ba, Adam, ICLR 2015; weight decay: I. Loshchilov, F. Hutter, ICLR 2019.
    """

    def __init__(self, parameters, learning_rate=1e-3, weight_decay=0.0):
        self.parameters = inputs.sequence("parameters", parameters)
        if not self.parameters:
            raise ValueError("parameters must be those of a network, but there is none among them.")
        for one in self.parameters:
            if not isinstance(one, torch.Tensor) or not one.is_floating_point() or not one.is_leaf:
                raise TypeError(f"parameters must be those of a network, but {inputs.described(one)} is among them.")
        self.learning_rate = inputs.real("learning_rate", learning_rate, above=0)
        self.weight_decay = inputs.real("weight_decay", weight_decay, 0)
        # For each: the mean of its gradients, that of their squares, and how many steps it has taken.
        self.states = [
            (torch.zeros_like(one), torch.zeros_like(one), torch.zeros((), device=one.device))
            for one in self.parameters
        ]

    def zero_grad(self):
        """Forget the gradients of the last step."""
        for one in self.parameters:
            one.grad = None

    @torch.no_grad()
    def step(self):
        """Change each parameter a little, against its gradient."""
        moved = [(one, one.grad, *state) for one, state in zip(self.parameters, self.states, strict=True)
                 if one.grad is not None]  # fmt: skip
        if moved:
            ones, gradients, means, squares, steps = map(list, zip(*moved, strict=True))
            (adamw if self.weight_decay else adam)(
                ones, gradients, means, squares, [], steps, fused=True, amsgrad=False, beta1=0.9, beta2=0.999,
                lr=self.learning_rate, weight_decay=self.weight_decay, eps=1e-8, maximize=False,
            )  # fmt: skip
