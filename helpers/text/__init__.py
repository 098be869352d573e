"""Text that comes back: out of a vector, and out of a language model. The latter needs torch: import it by name."""

from . import data
from .embeddings import (
    Encoder, Reading, at_length_1, fool, log_shares, rare, read, rounded, score,
)  # fmt: skip
