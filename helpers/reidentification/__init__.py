"""De-anonymisation: who is behind data that was published without names."""

from . import data
from .anonymity import answer_share, group_sizes, link, loss_of_detail, mondrian, ordinal_codes, singled_out
from .counts import Console, penalised_least_squares, reconstruct
from .ratings import Memory, Ratings, Trial, eccentricity, fitting, index_ratings, recall, scoreboard, trial
