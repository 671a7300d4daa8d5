"""Rules by which a network is rewritten before it is quantised.

A .tflite file is rewritten by `tfkws.tflite.quantize`, and its quantisation-aware twin by
`tfkws.compression.quantization_aware`, in notations of their own; what decides is here, once.
"""

from collections.abc import Sequence

# Convolutions that are added up share what a normalisation moves into them by the sums of their kernels. Where a sum is
# below this share of the sum of absolute values, kernels cancel each other, and all convolutions share alike.
CANCELLED = 0.25


def axes_averaged_away(window: Sequence[int], before: Sequence[int], after: Sequence[int]) -> tuple[int, ...]:
    """Return the axes of a map that an average pooling reduces to one value each.

    Args:
        window, before, after: sizes (int) of window, input and output, (rows, columns).

    Returns:
        Some of 0 and 1; none where the window slides along the other axis, or along both.

    Example:
        >>> axes_averaged_away((5, 1), (5, 8), (1, 8)), axes_averaged_away((5, 2), (5, 8), (1, 4))
        ((0,), ())
    """
    sizes = list(enumerate(zip(window, before, after, strict=False)))
    whole = tuple(axis for axis, (points, size, left) in sizes if points == size > 1 == left)
    kept = all(points == 1 and size == left for axis, (points, size, left) in sizes if axis not in whole)
    return whole if kept else ()
