"""Encryption pitfalls: what encrypted data shows all the same."""

from . import data
from .ciphers import (
    MODES, TAG_AND_NONCE, apply_keystream, encrypt, encrypt_with_one_nonce, given_away, guess_keystream,
    in_grey_levels, learn_language, named_right, pad_to_multiple, padme, repeated_share, share_right,
)  # fmt: skip
from .columns import (
    ADDED, SCHEMES, encrypt_column, guess_commonest, keyed_pseudonym, match_by_frequency, match_by_length,
    match_by_order, match_together, recovered, shares,
)  # fmt: skip
from .md5 import TAXI_FORMATS, count_identifiers, identifiers, search_md5
