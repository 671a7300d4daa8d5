"""What each class of Keras layer is: one row a class, asked by counting, resizing, pruning, quantisation and profiling.

To teach tfkws a new layer, add one row to `LAYER_KINDS`. A class must match exactly, because a subclass may compute
more than its parent, and a class of the same name from elsewhere is another one. Nothing heavy is imported.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from tfkws.errors import UnsupportedLayerError

LayerClass = Literal[
    "Conv2D",
    "DepthwiseConv2D",
    "Dense",
    "Transform",
    "BatchNorm",
    "Activation",
    "Pooling",
    "Dropout",
    "Elementwise",
    "DataMovement",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "MatMul",
    "Recurrent",
    "Embedding",
    "State",
    "ControlFlow",
    "Unknown",
]
Category = Literal[
    "Conv2D",
    "DepthwiseConv2D",
    "BatchNorm",
    "ReLU and kin",
    "MaxPool",
    "Dense",
    "Dropout",
    "AveragePool",
    "Other",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
OTHER: Category = "Other"
Channels = Literal["mixed", "passed", "merged", "joined", "flattened", "rearranged"]
QuantizationAware = Literal[
    "kernel", "strided rows", "norm", "own grid", "input grid", "average", "activation", "unit grid"
]
AlongTime = Literal["pointwise", "on rows", "sliding", "padding", "whole window", "merged", "flattened", "rearranged"]

# Why some layers and operators have no multiply-accumulates.
BATCH_NORM = "one scale and shift per value, no accumulation; folds into the convolution before it"
ACTIVATION = "one function per value, no accumulation"
POOLING = "adds or compares, does not multiply"
DROPOUT = "does nothing at inference"
ELEMENTWISE = "one operation per value, no accumulation"
DATA_MOVEMENT = "moves values, computes nothing"
QUANTISATION = "changes the number format of values"
NORMALISATION = "scales values by what it finds among them, no weights"
REDUCTION = "adds, compares or multiplies values with each other, no weights"
COMPARISON = "compares values"
LOOKUP = "looks values up, computes nothing"
STATE = "keeps a value from run to run, computes nothing"
INTERPOLATION = "interpolates between neighbours, no weights"
HASHING = "turns values into hashes, no weights"
RANDOM = "draws random values"
ONCE = "runs once, before the first inference"


@dataclass(frozen=True)
class LayerKind:
    """One class of layers.

    Attributes:
        name: the class as one imports it.
        layer_class: its name in a `CostRow`, which is also the formula that counts it.
        category: of paper A's tables.
        channels: what becomes of the channels that it reads. "mixed": each output sees all of them; "passed":
            each output comes from one; "merged": the inputs are added or multiplied channel by channel;
            "joined": they lie side by side; "flattened": the map becomes channels; "rearranged": depends on
            the shape.
        quantization_aware: its int8 form. "kernel": rounded weights; "strided rows": two rounded parts;
            "norm": product and sum with constants; "own grid" or "input grid": where its output is rounded;
            "average": the input's grid unless whole axes are averaged away; "activation": SiLU or sigmoid;
            "unit grid": 0..1.
        along_time: how it reads the frames of a map. "pointwise": each by itself; "on rows": each by itself
            where rows are the first axis; "sliding": a few neighbours; "padding": adds frames of zeros;
            "whole window": all become one value; "merged": several maps frame by frame; "flattened",
            "rearranged": moves them.
        zero_reason: why it has no multiply-accumulates; empty where a formula counts them.
        kernel_axis: axis of its kernel that counts the channels it writes; None where it has no kernel.
        width_setting: setting that holds the number of channels it writes; empty where they follow from the
            input.
        can_change_kernel: whether its setting `kernel_size` is free.
        norm_constants: of a normalisation: "channel", or "row and channel".
        takes_norm: what of a normalisation behind it a converter folds into it: all of a "channel" one, or a
            part.
        file_biases: biases that a converter gives it, each one value a channel.
        fuses_relu: whether a ReLU that alone reads its output becomes part of its operator.
        in_place: whether a converter computes it where its input lies.
    """

    name: str
    layer_class: LayerClass
    category: Category
    channels: Channels
    quantization_aware: QuantizationAware
    along_time: AlongTime = field(kw_only=True)
    zero_reason: str = ""
    kernel_axis: int | None = None
    width_setting: Literal["", "filters", "units"] = ""
    can_change_kernel: bool = False
    norm_constants: Literal["", "channel", "row and channel"] = ""
    takes_norm: Literal["", "all", "part"] = ""
    file_biases: int = 0
    fuses_relu: bool = False
    in_place: bool = False

    @property
    def mixes_channels(self) -> bool:
        """Whether every channel that it writes depends on every channel that it reads."""
        return self.channels == "mixed"

    @property
    def passes_channels(self) -> bool:
        """Whether every channel that it writes comes from one channel that it reads."""
        return self.channels == "passed"

    @property
    def merges_channels(self) -> bool:
        """Whether it adds or multiplies maps channel by channel."""
        return self.channels == "merged"

    @property
    def is_depthwise(self) -> bool:
        """Whether it convolves each channel by itself."""
        return self.layer_class == "DepthwiseConv2D"

    @property
    def is_norm(self) -> bool:
        """Whether it normalises by running statistics."""
        return self.layer_class == "BatchNorm"

    @property
    def has_weights(self) -> bool:
        """Whether it stores weights or running statistics."""
        return self.kernel_axis is not None or self.is_norm

    @property
    def is_own(self) -> bool:
        """Whether its class is one of this package and not of Keras."""
        return self.name.startswith("tfkws.")


LAYER_KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        "keras.layers.Conv2D", "Conv2D", "Conv2D", "mixed", "kernel",
        along_time="sliding", kernel_axis=-1, width_setting="filters", can_change_kernel=True, takes_norm="all",
        file_biases=1, fuses_relu=True,
    ),
    LayerKind(
        "keras.layers.DepthwiseConv2D", "DepthwiseConv2D", "DepthwiseConv2D", "passed", "kernel",
        along_time="sliding", kernel_axis=-2, can_change_kernel=True, takes_norm="all", file_biases=1,
        fuses_relu=True,
    ),
    LayerKind(
        "tfkws.models.strided_rows.StridedRowsDepthwiseConv2D", "DepthwiseConv2D", "DepthwiseConv2D", "passed",
        "strided rows", along_time="on rows", kernel_axis=-2, takes_norm="part", file_biases=2, fuses_relu=True,
    ),
    LayerKind(
        "keras.layers.Dense", "Dense", "Dense", "mixed", "kernel",
        along_time="pointwise", kernel_axis=-1, width_setting="units", file_biases=1, fuses_relu=True,
    ),
    LayerKind(
        "keras.layers.BatchNormalization", "BatchNorm", "BatchNorm", "passed", "norm", BATCH_NORM,
        along_time="pointwise", norm_constants="channel", fuses_relu=True, in_place=True,
    ),
    LayerKind(
        "tfkws.models.sub_spectral_norm.SubSpectralNormalization", "BatchNorm", "BatchNorm", "passed", "norm",
        BATCH_NORM, along_time="on rows", norm_constants="row and channel", fuses_relu=True, in_place=True,
    ),
    LayerKind(
        "keras.layers.ReLU", "Activation", "ReLU and kin", "passed", "own grid", ACTIVATION,
        along_time="pointwise", in_place=True,
    ),
    LayerKind(
        "keras.layers.Activation", "Activation", "ReLU and kin", "passed", "activation", ACTIVATION,
        along_time="pointwise", in_place=True,
    ),
    LayerKind(
        "keras.layers.Softmax", "Activation", "Other", "passed", "unit grid", ACTIVATION,
        along_time="pointwise", in_place=True,
    ),
    LayerKind("keras.layers.MaxPooling2D", "Pooling", "MaxPool", "passed", "input grid", POOLING, along_time="sliding"),
    LayerKind(
        "keras.layers.GlobalMaxPooling2D", "Pooling", "MaxPool", "passed", "input grid", POOLING,
        along_time="whole window",
    ),
    LayerKind(
        "keras.layers.AveragePooling2D", "Pooling", "AveragePool", "passed", "average", POOLING,
        along_time="sliding",
    ),
    LayerKind(
        "keras.layers.GlobalAveragePooling2D", "Pooling", "AveragePool", "passed", "own grid", POOLING,
        along_time="whole window",
    ),
    LayerKind(
        "keras.layers.Dropout", "Dropout", "Dropout", "passed", "input grid", DROPOUT,
        along_time="pointwise", in_place=True,
    ),
    LayerKind(
        "keras.layers.SpatialDropout2D", "Dropout", "Dropout", "passed", "input grid", DROPOUT,
        along_time="pointwise", in_place=True,
    ),
    LayerKind(
        "keras.layers.Add", "Elementwise", "Other", "merged", "own grid", ELEMENTWISE,
        along_time="merged", fuses_relu=True,
    ),
    LayerKind(
        "keras.layers.Multiply", "Elementwise", "Other", "merged", "own grid", ELEMENTWISE,
        along_time="merged", fuses_relu=True,
    ),
    LayerKind(
        "keras.layers.Concatenate", "DataMovement", "Other", "joined", "own grid", DATA_MOVEMENT,
        along_time="merged",
    ),
    LayerKind(
        "keras.layers.ZeroPadding2D", "DataMovement", "Other", "passed", "input grid", DATA_MOVEMENT,
        along_time="padding",
    ),
    LayerKind(
        "keras.layers.Permute", "DataMovement", "Other", "rearranged", "input grid", DATA_MOVEMENT,
        along_time="rearranged",
    ),
    LayerKind(
        "keras.layers.Reshape", "DataMovement", "Other", "rearranged", "input grid", DATA_MOVEMENT,
        along_time="rearranged", in_place=True,
    ),
    LayerKind(
        "keras.layers.Flatten", "DataMovement", "Other", "flattened", "input grid", DATA_MOVEMENT,
        along_time="flattened", in_place=True,
    ),
)  # fmt: skip

_BY_NAME = {kind.name: kind for kind in LAYER_KINDS}


def find_kind(layer: Any) -> LayerKind | None:
    """Return the row of a layer's class, None where there is none."""
    module, name = type(layer).__module__, type(layer).__name__
    return _BY_NAME.get(f"keras.layers.{name}" if module.startswith("keras.src.layers.") else f"{module}.{name}")


def kind_of(layer: Any) -> LayerKind:
    """Return the row of a layer's class.

    Raises:
        UnsupportedLayerError: the class has no row; the message names the layer and the classes that have.
    """
    kind = find_kind(layer)
    if kind is None:
        raise UnsupportedLayerError(
            f"Layer {layer.name} ({type(layer).__name__}) can be timed and converted, but not changed; "
            f"this takes networks of {', '.join(sorted({kind.name.rpartition('.')[2] for kind in LAYER_KINDS}))}."
        )
    return kind


def in_order(found: Iterable[str]) -> tuple[str, ...]:
    """Sort categories as paper A's table does, "Other" last; each is returned once."""
    present = set(found)
    return tuple(category for category in CATEGORIES if category in present)
