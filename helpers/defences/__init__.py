"""What helps: defences against the attacks of the other lessons, and what each leaves open."""

from ..accountant import dp_sgd_epsilon, renyi_divergence
from .counts import expected_answers, laplace_auc, laplace_mechanism, noisy_counts_trial, strongest_belief
from .data import NOISES, NOPEEK_WEIGHTS, read_conv_grid, read_grid, read_grid_pictures, read_published
from .noise import (
    ATTACKERS, MESSAGES, DefendedConvSplitNN, DefendedSplitNN, attack, distance_correlation, found_by_matching,
    median_of_messages, most_probable, retrain_server, train_defended, unbiased_distance_correlation_sqr, undo_tanh,
)  # fmt: skip
from .training_set import class_prototypes, clipped_gradients, membership, train_dp_sgd
