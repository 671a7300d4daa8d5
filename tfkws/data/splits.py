"""The split of a clip is a function of its speaker alone, as in Speech Commands' own `input_data.which_set`.

The official `validation_list.txt` and `testing_list.txt` were made by this rule, so it reproduces them, and a clip
never changes its split when others are added.
"""

import hashlib
import os
from typing import Literal

from tfkws.names import composed

Split = Literal["training", "validation", "testing"]
SPLITS: tuple[Split, ...] = ("training", "validation", "testing")

_BUCKETS = 2**27  # the official rule takes the hash modulo this (its MAX_NUM_WAVS_PER_CLASS + 1)
VALIDATION_PERCENT = 10.0
TESTING_PERCENT = 10.0


def speaker_of(file: str) -> str:
    """Return the speaker's id of a clip: the file name up to `_nohash_`, or the whole name without it.

    Accents are composed, so that one person's name is one name.

    >>> speaker_of("happy/012c8314_nohash_0.wav")
    '012c8314'
    """
    return composed(os.path.basename(file).split("_nohash_")[0])


def split_of(file: str) -> Split:
    """Return the split of a clip from the SHA-1 of its speaker's id.

    10 % of the ids are validation, 10 % testing, the others training.
    """
    digest = int(hashlib.sha1(speaker_of(file).encode(), usedforsecurity=False).hexdigest(), 16)
    percent = digest % _BUCKETS * (100.0 / (_BUCKETS - 1))
    if percent < VALIDATION_PERCENT:
        return "validation"
    return "testing" if percent < VALIDATION_PERCENT + TESTING_PERCENT else "training"
