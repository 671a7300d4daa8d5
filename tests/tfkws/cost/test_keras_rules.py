"""Each class of Keras layers: MACs against the sizes of what its weights are multiplied with; nothing is left out."""

import inspect
from collections.abc import Callable
from typing import Any

import keras  # noqa: TID253
import pytest

from tfkws.cost import count
from tfkws.cost.keras_rules import RULES, count_layer, einsum_macs
from tfkws.graphs.layer_kinds import LAYER_KINDS
from tfkws.graphs.other_layers import UNKNOWN, counted_as

L = keras.layers
T, C, U = 9, 4, 5  # time steps, channels, units
# What is known to run other code, or code of others.
NOT_OURS = {"Layer", "Wrapper", "Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "Pipeline"}

CASES: list[tuple[Callable[[], Any], tuple[tuple[int, ...], ...], int]] = [
    (lambda: L.Conv1D(U, 3), ((T, C),), 7 * 3 * C * U),
    (lambda: L.Conv1D(6, 3, groups=2, padding="causal"), ((T, C),), T * 3 * 2 * 6),
    (lambda: L.Conv2D(U, 3, data_format="channels_last", strides=2), ((7, 7, C),), 9 * 9 * C * U),
    (lambda: L.Conv3D(U, 2), ((3, 3, 3, C),), 8 * 8 * C * U),
    (lambda: L.DepthwiseConv1D(3, depth_multiplier=2), ((T, C),), 7 * 3 * C * 2),
    (lambda: L.SeparableConv1D(U, 3), ((T, C),), 7 * (3 * C + C * U)),
    (lambda: L.SeparableConv2D(U, 3, depth_multiplier=2), ((5, 5, C),), 9 * (9 * 2 * C + 2 * C * U)),
    (lambda: L.Conv1DTranspose(U, 3, strides=2), ((T, C),), T * C * 3 * U),
    (lambda: L.Conv2DTranspose(U, (2, 3)), ((4, 5, C),), 20 * C * 6 * U),
    (lambda: L.Conv3DTranspose(U, 2), ((2, 2, 2, C),), 8 * C * 8 * U),
    (lambda: L.EinsumDense("abc,cde->abde", (T, 2, U)), ((T, C),), T * C * 2 * U),
    (lambda: L.Dot(axes=2), ((T, C), (6, C)), T * 6 * C),
    (lambda: L.Dot(axes=(1, 2)), ((C, T), (6, C)), T * 6 * C),
    (lambda: L.Attention(), ((T, C), (6, C)), T * 6 * (C + C)),
    (lambda: L.AdditiveAttention(), ((T, C), (6, C)), T * 6 * (C + C)),
    (
        lambda: L.MultiHeadAttention(2, 3, value_dim=7),
        ((T, C), (6, U)),
        T * C * 6 + 6 * U * 6 + 6 * U * 14 + 2 * T * 6 * (3 + 7) + T * 14 * C,
    ),
    (
        lambda: L.GroupQueryAttention(3, 4, 2),
        ((T, C), (6, C)),
        T * C * 12 + 2 * 6 * C * 6 + 4 * T * 6 * (3 + 3) + T * 12 * C,
    ),
    (lambda: L.SimpleRNN(U), ((T, C),), T * U * (C + U)),
    (lambda: L.GRU(U, return_sequences=True), ((T, C),), T * 3 * U * (C + U)),
    (lambda: L.LSTM(U), ((T, C),), T * 4 * U * (C + U)),
    (lambda: L.RNN(L.StackedRNNCells([L.LSTMCell(U), L.GRUCell(3)])), ((T, C),), T * (4 * U * (C + U) + 9 * (U + 3))),
    (lambda: L.Bidirectional(L.LSTM(U)), ((T, C),), 2 * T * 4 * U * (C + U)),
    (lambda: L.ConvLSTM1D(U, 3), ((T, 8, C),), T * 6 * 4 * U * 3 * (C + U)),
    (lambda: L.ConvLSTM2D(U, 3, padding="same", return_sequences=True), ((T, 4, 4, C),), T * 16 * 4 * U * 9 * (C + U)),
    (lambda: L.ConvLSTM3D(U, 2), ((T, 3, 3, 3, C),), T * 8 * 4 * U * 8 * (C + U)),
    (lambda: L.Bidirectional(L.ConvLSTM1D(U, 3)), ((T, 8, C),), 2 * T * 6 * 4 * U * 3 * (C + U)),
    (lambda: L.TimeDistributed(L.Conv2D(U, 3)), ((T, 5, 5, C),), T * 9 * 9 * C * U),
    (lambda: L.SpectralNormalization(L.Dense(U)), ((C,),), C * U),
    (lambda: L.STFTSpectrogram(mode="magnitude", frame_length=16, frame_step=8), ((64, 1),), 2 * 7 * 16 * 9),
    (lambda: L.STFTSpectrogram(mode="real", frame_length=16, frame_step=8), ((64, 1),), 7 * 16 * 9),
    (lambda: L.STFTSpectrogram(mode="stft", frame_length=16, frame_step=8), ((64, 1),), 2 * 7 * 16 * 9),
    (
        lambda: L.MelSpectrogram(fft_length=256, sequence_stride=64, num_mel_bins=10),
        ((1024,),),
        17 * (256 * 8 + 129 * 10),
    ),
]


def call(layer: Any, shapes: tuple[tuple[int, ...], ...]) -> keras.Model:
    inputs = [keras.Input(shape) for shape in shapes]
    apart = isinstance(layer, (L.MultiHeadAttention, type(L.GroupQueryAttention(1, 1, 1))))
    return keras.Model(inputs, layer(*inputs) if apart or len(inputs) == 1 else layer(inputs))


@pytest.mark.parametrize(("make", "shapes", "macs"), CASES)
def test_macs(make: Callable[[], Any], shapes: tuple[tuple[int, ...], ...], macs: int) -> None:
    report = count(call(make(), shapes))
    assert (report.macs, report.uncounted) == (macs, ())


def test_every_rule_is_tried() -> None:
    elsewhere = {"Conv2D", "DepthwiseConv2D", "StridedRowsDepthwiseConv2D", "Dense", "ReversibleEmbedding"}
    tried = {type(make()).__name__ for make, _, _ in CASES}
    cells = {"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"}
    assert set(RULES) - elsewhere - cells <= tried


def test_every_layer_of_keras_is_counted_or_declared() -> None:
    known = {kind.name.rpartition(".")[2]: kind.zero_reason for kind in LAYER_KINDS}
    for name, made in inspect.getmembers(L, inspect.isclass):
        if name in ("InputSpec", "Layer"):
            continue
        blank = made.__new__(made)
        found = counted_as(blank)
        has_rule = made.__name__ in RULES
        assert has_rule != bool(known.get(made.__name__) or found.zero_reason) or made.__name__ in NOT_OURS, name
        assert (found == UNKNOWN) <= (made.__name__ in NOT_OURS or has_rule), name


def test_an_embedding_that_is_reversed_is_a_product_with_its_table() -> None:
    words = L.ReversibleEmbedding(20, C)
    tokens = keras.Input((T,), dtype="int32")
    embedded = words(tokens)
    looked_up, multiplied = count(keras.Model(tokens, words(embedded, reverse=True))).rows
    assert (looked_up.macs, multiplied.macs) == (0, T * C * 20)
    assert looked_up.zero_reason and not multiplied.zero_reason


@pytest.mark.parametrize("name", sorted(NOT_OURS - {"Layer", "Wrapper"}))
def test_code_of_others_is_unknown(name: str) -> None:
    made = getattr(L, name)
    counted = count_layer(made.__new__(made), ((4,),), (4,))
    assert counted.macs is None and f"no counting rule for {name}" in counted.note


def test_a_cell_that_is_not_of_keras_is_unknown() -> None:
    class Cell(keras.layers.Layer):
        state_size = output_size = 3

        def call(self, inputs: Any, states: Any) -> Any:
            return states[0] + inputs[:, :3], [states[0]]

    assert count(call(L.RNN(Cell(), name="own"), ((T, C),))).uncounted == ("own",)


def test_a_class_of_the_same_name_is_another() -> None:
    class Dense(keras.layers.Layer):
        units = 3

        def call(self, inputs: Any) -> Any:
            return inputs

    assert count(call(Dense(name="mine"), ((4,),))).uncounted == ("mine",)


def test_an_einsum_multiplies_once_for_each_combination_of_indices() -> None:
    assert einsum_macs("bij,bjk->bik", (2, 3, 4), (2, 4, 5)) == 2 * 3 * 4 * 5
    assert einsum_macs("...ij,...jk->...ik", (1, 6, 3, 4), (1, 4, 5)) == 6 * 3 * 4 * 5
