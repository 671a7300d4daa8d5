"""Draws keyed by a seed and a name, never by a global generator: the same key gives the same draw in any order."""

import hashlib
from collections.abc import Iterable

import numpy as np


def keyed_hash(*key: object) -> int:
    """Return 64 bits that depend on every part of `key` and on nothing else."""
    text = "/".join(str(part) for part in key)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def keyed_generator(*key: object) -> np.random.Generator:
    """Return a generator that depends on `key` alone."""
    return np.random.Generator(np.random.Philox(key=keyed_hash(*key)))


def draw(names: Iterable[str], count: int, *key: object) -> list[str]:
    """Take `count` of `names`, or all when there are fewer, by the rank of their keyed hashes; sorted.

    Adding a name to the pool moves at most one other out of the draw.
    """
    ranked = sorted(names, key=lambda name: (keyed_hash(*key, name), name))
    return sorted(ranked[:count])
