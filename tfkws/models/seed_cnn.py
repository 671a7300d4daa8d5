"""The seed CNN of paper B and its Pareto-optimal variants kws1 to kws12.

Paper: hardware-aware neural architecture search for keyword spotting, Figure 3 and Table II (40 x 32 MFCC). Its seed is
the six-layer network of De Prado et al., "Bonseyes AI pipeline" (ACM Trans. Internet Things, 2020).

A unit is convolution, batch normalisation, scale, ReLU; the convolution has no bias. After the last unit the map is
averaged (the seed has one pooling and one output layer) and a dense layer classifies. The paper counts convolutions
only.
The text strides the first two units; only a stride of 1x2 on the first unit and 1x1 after it gives the counts of
Table II, so that is the default and `strides` changes it.
"""

import keras

from tfkws.models import blocks
from tfkws.models.conv_units import DEFAULT_STRIDES, decode_units
from tfkws.models.family import Family, Variant

TABLE_II = {
    "seed_cnn": "4x10,100 3x3,100 3x3,100 3x3,100 3x3,100 3x3,100",
    "kws1": "3x3,40 3x3,30 1x1,30 5x5,50 5x5,50 5x5,50",
    "kws2": "5x5,40 3x3,50 1x1,30 5x5,40 3x3,50 5x5,50",
    "kws3": "5x5,50 1x1,30 5x5,40 3x3,20 5x5,30 3x3,50",
    "kws4": "5x5,50 3x3,40 5x5,20 1x1,20 5x5,30 3x3,50",
    "kws5": "5x5,20 1x1,40 5x5,30 3x3,20 5x5,30 3x3,30",
    "kws6": "5x5,20 3x3,40 3x3,40 3x3,20 3x3,40 3x3,40",
    "kws7": "3x3,50 1x1,30 3x3,20 5x5,20 3x3,50 3x3,40",
    "kws8": "5x5,50 1x1,50 3x3,20 3x3,40 3x3,30 3x3,20",
    "kws9": "5x5,50 1x1,20 1x1,50 3x3,20 5x5,20 3x3,40",
    "kws10": "3x3,40 1x1,20 1x1,20 3x3,20 5x5,20 3x3,30",
    "kws11": "5x5,30 1x1,20 1x1,20 1x1,20 3x3,20 5x5,20",
    "kws12": "5x5,50 1x1,40 1x1,50 1x1,20 3x3,20 3x3,20",
}


def seed_cnn(
    input_shape: tuple[int, int, int], num_classes: int, convs: str, strides: str = DEFAULT_STRIDES
) -> keras.Model:
    """Build the network from its units; see `tfkws.models.conv_units.decode_units` for the two texts.

    Args:
        input_shape: shape (height, width, channels) of one example.

    Raises:
        ModelError: a text is not of that form.
    """
    inputs = x = blocks.image_input(input_shape)
    for number, unit in enumerate(decode_units(convs, strides), start=1):
        kernel, stride = (unit.kernel_height, unit.kernel_width), (unit.stride_height, unit.stride_width)
        x = blocks.conv(x, f"unit{number}_conv", unit.filters, kernel, stride)
        x = blocks.norm_activate(x, f"unit{number}_conv", "relu")
    return blocks.classify(inputs, blocks.global_average(x, "head_pool"), num_classes)


FAMILY = Family(
    name="seed_cnn",
    paper="B, Table II",
    builder=seed_cnn,
    input_shape=(40, 32, 1),
    num_classes=10,
    variants=tuple(
        Variant(name, "seed CNN" if name == "seed_cnn" else f"seed CNN, {name}", {"convs": convs})
        for name, convs in TABLE_II.items()
    ),
)
