"""DS-CNN, the keyword-spotting network of MLPerf Tiny.

Papers: Zhang et al., "Hello Edge: Keyword Spotting on Microcontrollers", arXiv 1711.07128; Banbury et al., "MLPerf Tiny
Benchmark", arXiv 2106.07597. Input 49 x 10 (time, MFCC). As in the reference model every convolution has a bias
although a normalisation follows, and padding is TensorFlow's "same".
"""

import keras

from tfkws.models import blocks
from tfkws.models.family import Family, Variant


def ds_cnn(input_shape: tuple[int, int, int], num_classes: int, filters: int = 64, repeats: int = 4) -> keras.Model:
    """Build a 10 x 4 convolution of stride 2 and `repeats` depthwise-separable blocks, all `filters` wide.

    Args:
        input_shape: shape (frames, coefficients, channels); the first kernel is 10 frames high.
    """
    inputs = x = blocks.image_input(input_shape)
    x = blocks.conv(x, "stem_conv", filters, (10, 4), 2, use_bias=True)
    x = blocks.dropout(blocks.norm_activate(x, "stem_conv", "relu"), "stem_dropout", 0.2)
    for number in range(1, repeats + 1):
        name = f"stage1_block{number}"
        x = blocks.depthwise(x, f"{name}_depthwise", 3, use_bias=True)
        x = blocks.norm_activate(x, f"{name}_depthwise", "relu")
        x = blocks.conv(x, f"{name}_pointwise", filters, 1, use_bias=True)
        x = blocks.norm_activate(x, f"{name}_pointwise", "relu")
    x = blocks.global_average(blocks.dropout(x, "head_dropout", 0.4), "head_pool")
    return blocks.classify(inputs, x, num_classes)


FAMILY = Family(
    name="ds_cnn",
    paper="Zhang et al. 2017; MLPerf Tiny",
    builder=ds_cnn,
    input_shape=(49, 10, 1),
    num_classes=12,
    variants=(Variant("mlperf_ds_cnn", "DS-CNN of MLPerf Tiny"),),
)
