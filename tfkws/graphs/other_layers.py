"""Keras layers that are counted and profiled, and that nothing else here changes: their class, category, and why zero.

What a layer does to channels, on a stream or in int8 stands in `tfkws.graphs.layer_kinds`, for the layers that our
networks are made of; these are the rest of `keras.layers`.
"""

from typing import Any, NamedTuple

from tfkws.graphs.layer_kinds import (
    ACTIVATION,
    DATA_MOVEMENT,
    DROPOUT,
    ELEMENTWISE,
    INTERPOLATION,
    LOOKUP,
    NORMALISATION,
    OTHER,
    POOLING,
    Category,
    LayerClass,
    find_kind,
)


class CountedAs(NamedTuple):
    """Under what a layer is counted.

    Attributes:
        layer_class, category: as in `tfkws.graphs.layer_kinds.LayerKind`.
        zero_reason: why it has no MACs; empty where a formula counts them, or nobody knows.
    """

    layer_class: LayerClass
    category: Category = OTHER
    zero_reason: str = ""


UNKNOWN = CountedAs("Unknown")
IMAGES = "changes pictures while a network is trained"

_GROUPS: dict[CountedAs, str] = {
    CountedAs("Conv2D", "Conv2D"): "Conv1D SeparableConv1D SeparableConv2D",
    CountedAs("DepthwiseConv2D", "DepthwiseConv2D"): "DepthwiseConv1D",
    CountedAs("Conv2DTranspose"): "Conv1DTranspose Conv2DTranspose",
    CountedAs("Conv3D"): "Conv3D",
    CountedAs("Conv3DTranspose"): "Conv3DTranspose",
    CountedAs("Dense", "Dense"): "EinsumDense ReversibleEmbedding",
    CountedAs("MatMul"): "Attention AdditiveAttention MultiHeadAttention GroupedQueryAttention Dot",
    CountedAs("Recurrent"): (
        "LSTM GRU SimpleRNN RNN ConvLSTM1D ConvLSTM2D ConvLSTM3D LSTMCell GRUCell SimpleRNNCell StackedRNNCells "
        "Bidirectional"
    ),
    CountedAs("Transform"): "STFTSpectrogram MelSpectrogram",
    CountedAs("Activation", "ReLU and kin", ACTIVATION): "ELU LeakyReLU PReLU",
    CountedAs("Elementwise", OTHER, ELEMENTWISE): "Average Maximum Minimum Subtract Rescaling Normalization",
    CountedAs("BatchNorm", "BatchNorm", NORMALISATION): (
        "LayerNormalization GroupNormalization RMSNormalization UnitNormalization"
    ),
    CountedAs("Pooling", "MaxPool", POOLING): (
        "MaxPooling1D MaxPooling3D GlobalMaxPooling1D GlobalMaxPooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D "
        "AdaptiveMaxPooling3D"
    ),
    CountedAs("Pooling", "AveragePool", POOLING): (
        "AveragePooling1D AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling3D AdaptiveAveragePooling1D "
        "AdaptiveAveragePooling2D AdaptiveAveragePooling3D"
    ),
    CountedAs("Dropout", "Dropout", DROPOUT): (
        "AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D SpatialDropout3D ActivityRegularization"
    ),
    CountedAs("DataMovement", OTHER, DATA_MOVEMENT): (
        "Identity RepeatVector Masking ZeroPadding1D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D "
        "UpSampling3D CenterCrop InputLayer MaxNumBoundingBoxes"
    ),
    CountedAs("DataMovement", OTHER, INTERPOLATION): "UpSampling2D Resizing",
    CountedAs("Embedding", OTHER, LOOKUP): (
        "Embedding CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization"
    ),
    CountedAs("Dropout", "Dropout", IMAGES): (
        "AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization MixUp RandAugment "
        "RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform "
        "RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective "
        "RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom "
        "Solarization"
    ),
    # Layers around other code or other layers; what they run is asked of those, or not known.
    UNKNOWN: (
        "Layer Wrapper Lambda TFSMLayer JaxLayer FlaxLayer TorchModuleWrapper Pipeline TimeDistributed "
        "SpectralNormalization"
    ),
}
_BY_NAME = {name: found for found, names in _GROUPS.items() for name in names.split()}

# Functions of `keras.ops` that multiply and add; the others of its modules of arrays and activations do not.
_MULTIPLY = {"Matmul", "Dot", "Einsum", "Tensordot", "Inner", "Vdot"}
_UNCOUNTED_OPS = frozenset(
    {"Conv", "DepthwiseConv", "SeparableConv", "ConvTranspose", "DotProductAttention", "Correlate", "Corrcoef", "Kron"}
    | {"Vander", "CDist", "FFT", "FFT2", "IFFT2", "RFFT", "IRFFT", "STFT", "ISTFT", "Logdet", "Slogdet", "CTCLoss"}
    | {"CTCDecode", "Map", "Scan", "AssociativeScan", "Switch", "WhileLoop", "ForiLoop", "Cond", "VectorizedMap"}
)
_OPS = ("keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.core", "keras.src.ops.math")


def counted_as(layer: Any) -> CountedAs:
    """Return under what a layer, or a function of `keras.ops`, is counted; "Unknown" where its class is no one's.

    Example:
        >>> class Custom: ...
        >>> counted_as(Custom()).layer_class
        'Unknown'
    """
    kind = find_kind(layer)
    if kind is not None:
        return CountedAs(kind.layer_class, kind.category, kind.zero_reason)
    module, name = type(layer).__module__, type(layer).__name__
    if module.startswith("keras.src.layers."):
        return _BY_NAME.get(name, UNKNOWN)
    if module in _OPS and name not in _UNCOUNTED_OPS:
        return CountedAs("MatMul") if name in _MULTIPLY else CountedAs("Elementwise", OTHER, ELEMENTWISE)
    return UNKNOWN
