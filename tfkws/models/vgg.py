"""VGG 11 to 19 with batch normalisation, which paper A calls CNN (VGG19).

Paper: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015, arXiv
1409.1556, Table 1, columns A, B, D, E; batch normalisation follows each convolution, which keeps its bias.
The five poolings leave 1 x 1 x 512 of 32 x 32, so the first dense layer has 512 inputs; larger maps are flattened.
"""

import keras

from tfkws.models import blocks
from tfkws.models.blocks import Tensor
from tfkws.models.family import Family, Variant

CHANNELS = (64, 128, 256, 512, 512)
DENSE_UNITS = 4096
CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def vgg(input_shape: tuple[int, int, int], num_classes: int, depth: int = 19) -> keras.Model:
    """Build VGG with `depth` 11, 13, 16 or 19 weight layers.

    Args:
        input_shape: shape (height, width, channels) of one example.

    Raises:
        KeyError: another depth; `build_model` turns it into a ModelError.
        ShapeTooSmallError: the input is too small for five poolings.
    """
    inputs = x = blocks.image_input(input_shape)
    for stage, (channels, repeats) in enumerate(zip(CHANNELS, CONVOLUTIONS[depth], strict=True), start=1):
        for number in range(1, repeats + 1):
            name = f"stage{stage}_block{number}_conv"
            x = blocks.norm_activate(blocks.conv(x, name, channels, 3, use_bias=True), name, "relu")
        x = blocks.pool(x, f"stage{stage}_pool", "max")
    x = keras.layers.Flatten(name="head_flatten")(x)
    x = dense_relu_dropout(x, "head_dense1")
    return blocks.classify(inputs, dense_relu_dropout(x, "head_dense2"), num_classes)


def dense_relu_dropout(x: Tensor, name: str) -> Tensor:
    """Apply one hidden layer of the classifier: shape (b, n) to (b, DENSE_UNITS)."""
    x = keras.layers.Dense(DENSE_UNITS, name=name)(x)
    return blocks.dropout(blocks.activate(x, name, "relu"), f"{name}_dropout", 0.5)


FAMILY = Family(
    name="vgg",
    paper="Simonyan and Zisserman 2015; A's CNN",
    builder=vgg,
    input_shape=(32, 32, 1),
    num_classes=2,
    variants=(
        Variant("vgg11", "VGG11 with batch norm", {"depth": 11}),
        Variant("vgg13", "VGG13 with batch norm", {"depth": 13}),
        Variant("vgg16", "VGG16 with batch norm", {"depth": 16}),
        Variant("cnn", "VGG19 with batch norm", {"depth": 19}),
    ),
)
