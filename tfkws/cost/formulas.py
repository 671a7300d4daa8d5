"""Integer formulas for the cost of single layers: ints in, int out, nothing else imported.

The unit is the multiply-accumulate (MAC). Sizes are of one example, without the batch.
"""


def same_size(size: int, stride: int) -> int:
    """Return the length of an axis after a "same"-padded convolution or pooling.

    It is the int ceil(size / stride).

    Example:
        >>> same_size(49, 2)
        25
    """
    return -(-size // stride)


def conv2d_macs(
    output_map: tuple[int, int], kernel: tuple[int, int], channels: int, filters: int, groups: int = 1
) -> int:
    """Count the MACs of a convolution.

    They are output points x kernel points x channels that a filter reads x filters, an int.
    """
    height, width = output_map
    kernel_height, kernel_width = kernel
    return height * width * kernel_height * kernel_width * (channels // groups) * filters


def depthwise_conv2d_macs(output_map: tuple[int, int], kernel: tuple[int, int], filters: int) -> int:
    """Count the MACs of a depthwise convolution with `filters` outputs, each of which sees one channel."""
    return conv2d_macs(output_map, kernel, 1, filters)


def conv2d_fpops_eq1(
    output_map: tuple[int, int], kernel: tuple[int, int], channels: int, filters: int, groups: int = 1
) -> int:
    """Count operations by Equation 1 of paper B: M C H_out W_out (2 kh kw + 1).

    The paper's own tables are 2 x MACs, without the `+ 1` per channel and output point.
    """
    height, width = output_map
    kernel_height, kernel_width = kernel
    return filters * (channels // groups) * height * width * (2 * kernel_height * kernel_width + 1)


def dense_macs(inputs: int, outputs: int, rows: int = 1) -> int:
    """Count the MACs of a dense layer applied to `rows` vectors."""
    return rows * inputs * outputs


def rfft_macs(points: int, rows: int = 1) -> int:
    """Count the MACs of a real Fourier transform of `points` (a power of two), applied to `rows` vectors.

    Radix 2: half of the complex transform's points / 2 x log2(points) butterflies, each with one complex
    multiplication of four MACs, that is points x log2(points).
    """
    return rows * points * (points.bit_length() - 1)


def fft_macs(points: int, rows: int = 1) -> int:
    """Count the MACs of a complex Fourier transform of `points` (a power of two), applied to `rows` vectors.

    Radix 2: points / 2 x log2(points) butterflies, each with one complex multiplication of four MACs.
    """
    return rows * 2 * points * (points.bit_length() - 1)
