"""Draws keyed by a seed and a name, never by a global generator: the same key gives the same draw in any order."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np


def keyed_hash(*key: object) -> int:
    """Return 64 bits, an int of 0 to 2**64 - 1, that depend on every part of `key` and on nothing else."""
    text = "/".join(str(part) for part in key)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def keyed_generator(*key: object) -> np.random.Generator:
    """Return a generator that depends on `key` alone."""
    return np.random.Generator(np.random.Philox(key=keyed_hash(*key)))


def draw(names: Iterable[str], count: int, *key: object) -> list[str]:
    """Take `count` of `names`, or all when there are fewer, by the rank of their keyed hashes; sorted.

    Adding a name to the pool moves at most one other out of the draw.

    Example:
        >>> draw(["a", "b", "c"], 5, "any key")
        ['a', 'b', 'c']
    """
    pool = tuple(names)
    return sorted(pool[index] for index in ranked(pool, "".join(f"{part}/" for part in key))[:count])


def ranked(names: Sequence[str], prefix: str) -> list[int]:
    """Return the indices of `names` by the rank of the hashes of `prefix` with each name."""
    return sorted(range(len(names)), key=lambda index: (keyed_hash(prefix + names[index]), names[index]))


def keyed_uniforms(seed: int, epoch: int, clips: np.ndarray, count: int) -> np.ndarray:
    """Draw `count` uniform numbers in 0..1 for each clip: float64 (n, count).

    A row depends on (seed, epoch, clip number) alone, not on which clips stand beside it. The generator is
    SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a counter-based one, so that a batch is drawn without a
    loop.
    """
    state = _mix(np.array([seed % 2**64], np.uint64) + _GOLDEN)
    state = _mix(state + np.array([epoch], np.uint64) * _GOLDEN)
    states = _mix(state + (clips.astype(np.uint64) + np.uint64(1)) * _GOLDEN)
    bits = _mix(states[:, None] + np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(states: np.ndarray) -> np.ndarray:
    """SplitMix64's output function on uint64 arrays, whose arithmetic wraps."""
    states = (states ^ (states >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    states = (states ^ (states >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return states ^ (states >> np.uint64(31))
