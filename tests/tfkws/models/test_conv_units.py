"""Units of the seed CNN as text, and their cost without a network."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfkws.errors import ModelError
from tfkws.models import build_model
from tfkws.models.conv_units import ConvUnit, decode_units, encode_units

sizes = st.integers(1, 99)
units = st.builds(ConvUnit, sizes, sizes, sizes, st.integers(1, 4), st.integers(1, 4))
small_units = st.builds(ConvUnit, *[st.integers(1, 3)] * 5)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(units, min_size=1, max_size=8).map(tuple))
def test_encoding_is_undone_by_decoding(rows: tuple[ConvUnit, ...]) -> None:
    assert decode_units(*encode_units(rows)) == rows


def test_the_first_unit_is_strided_by_default() -> None:
    assert decode_units("4x10,100 3x3,50") == (ConvUnit(4, 10, 100, 1, 2), ConvUnit(3, 3, 50, 1, 1))


@pytest.mark.parametrize("convs", ["", "3x3", "3x3,0", "3,3x3", "axb,c", "3x3,10,2"])
def test_other_text_is_refused(convs: str) -> None:
    with pytest.raises(ModelError, match="convs must"):
        decode_units(convs)


@pytest.mark.parametrize("strides", ["2", "0x1", "1x1 1x1"])
def test_other_strides_are_refused(strides: str) -> None:
    with pytest.raises(ModelError, match="strides"):
        decode_units("3x3,10", strides)


def test_a_network_has_the_stated_kernels_and_strides() -> None:
    model = build_model("seed_cnn", (40, 32, 1), 12, convs="4x10,7 3x2,5", strides="1x2 2x1")
    found = [
        (layer.kernel_size, layer.strides, layer.filters, layer.output.shape[1:])
        for layer in (model.get_layer("unit1_conv"), model.get_layer("unit2_conv"))
    ]
    assert found == [((4, 10), (1, 2), 7, (40, 16, 7)), ((3, 2), (2, 1), 5, (20, 16, 5))]
    assert not model.get_layer("unit1_conv").use_bias
