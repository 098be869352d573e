"""Encryption pitfalls: what encrypted data shows all the same."""

from . import data
from .ciphers import (
    MODES,
    TAG,
    apply_keystream,
    encrypt,
    encrypt_with_one_nonce,
    given_away,
    guess_keystream,
    in_grey_levels,
    letter_shares,
    named_right,
    pad_to_multiple,
    padme,
    repeated_share,
    share_right,
)
from .columns import (
    SCHEMES,
    encrypt_column,
    guess_commonest,
    keyed_pseudonym,
    match_by_frequency,
    match_by_length,
    match_by_order,
    order_preserving_code,
    recovered,
    shares,
)
from .md5 import TAXI_FORMATS, alphabets, count_identifiers, identifiers, md5_registers, search_md5
