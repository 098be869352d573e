"""Model inversion: what a split network sends gives back its input."""

from . import data
from .attackers import (
    Attacker, Checkpoint, fit_ridge, lecture_attacker, picture_prior, quick_attacker, redraw_on_paper,
    redraw_posterior, redraw_ridge, train_attacker, with_noise,
)  # fmt: skip
from .gradients import peel, pictures_from_gradient
from .scores import fit_reader, found_among_same_digit, mse, own_is_nearest, read, score_table, ssim
from .splitnn import CUTS, ConvSplitNN, SplitNN, accuracy, check_activations, check_pictures, train_classifier
