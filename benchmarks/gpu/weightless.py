"""A .tflite file without its weights: drawn again by a seed where it is measured, since times do not depend on them.

Twenty-one files of 1.7 GB become a few megabytes. Vectors, which are biases and scales, become ones; small constants
stay, such as shapes and axes.
"""

import gzip
import json
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from tfkws.run_folder import write_bytes

SMALLEST = 64  # values of a constant that is drawn again
SEED = 0


@dataclass(frozen=True)
class Hole:
    """Where float32 weights stood: their first byte, how many values, and how many inputs one output value sees.

    A vector has no inputs, 0.
    """

    first: int
    values: int
    fan_in: int


def take_weights(content: bytes) -> tuple[bytes, tuple[Hole, ...]]:
    """Return the file with zeros in place of its large float32 constants, and where they stood.

    Raises:
        TfliteFileError: it is damaged or not a .tflite file.
    """
    from tfkws.tflite.file.tflite_file import TfliteFile

    emptied, holes = bytearray(content), {}
    for tensor in TfliteFile(content).graph.tensors:
        values, (first, last) = prod(tensor.shape), tensor.data_range
        is_vector = sum(size > 1 for size in tensor.shape) < 2
        if tensor.dtype == "float32" and last - first == 4 * values >= 4 * SMALLEST:
            emptied[first:last] = bytes(last - first)
            fan_in = prod(tensor.shape[1:-1]) if tensor.shape[0] == 1 else prod(tensor.shape[1:])
            holes[first] = Hole(first, values, 0 if is_vector else max(fan_in, 1))
    return bytes(emptied), tuple(holes[first] for first in sorted(holes))


def put_weights(emptied: bytes, holes: tuple[Hole, ...]) -> bytes:
    """Return the file with weights drawn anew, of the size that keeps activations in range (He et al. 2015)."""
    rng, content = np.random.default_rng(SEED), bytearray(emptied)
    for hole in holes:
        if hole.fan_in:
            drawn = rng.standard_normal(hole.values, np.float32) * np.float32(np.sqrt(2 / hole.fan_in))
        else:
            drawn = np.ones(hole.values, np.float32)  # no small number: products of many would become denormal
        content[hole.first : hole.first + 4 * hole.values] = drawn.astype("<f4").tobytes()
    return bytes(content)


def save_weightless(path: Path, content: bytes) -> None:
    """Write a file without its weights, compressed."""
    emptied, holes = take_weights(content)
    head = json.dumps([[hole.first, hole.values, hole.fan_in] for hole in holes]).encode()
    write_bytes(path, gzip.compress(head + b"\n" + emptied, mtime=0))


def load_weightless(path: Path) -> bytes:
    """Read a file that `save_weightless` wrote, with weights drawn anew."""
    head, _, emptied = gzip.decompress(path.read_bytes()).partition(b"\n")
    return put_weights(emptied, tuple(Hole(*each) for each in json.loads(head)))
