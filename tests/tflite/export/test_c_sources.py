"""Generated C: what it says of the front end is what NumPy computes with."""

import numpy as np
import pytest

from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.mel import tables_of
from tfkws.graphs.tflite_parser import parse_tflite
from tfkws.tflite.export.c_sources import _front_end_tables, operators_header
from tfkws.tflite.file.small_models import pointwise_convolution


@pytest.mark.parametrize("name", [name for name, features in FRONT_ENDS.items() if features.kind != "micro"])
def test_filters_without_their_zeros_are_the_filters(name: str) -> None:
    features = FRONT_ENDS[name]
    arrays, filters = _front_end_tables(features), np.zeros((features.fft_length // 2 + 1, features.bands), np.float32)
    at = 0
    for band in range(features.bands):
        first, bins = int(arrays["kws_band_first"][band]), int(arrays["kws_band_bins"][band])
        filters[first : first + bins, band] = arrays["kws_band_weights"][at : at + bins]
        at += bins
    np.testing.assert_array_equal(filters, tables_of(features).filters)
    assert at == len(arrays["kws_band_weights"]) < filters.size / 10
    assert ("kws_cosines" in arrays) == (features.kind == "mfcc")


def test_the_resolver_is_told_of_each_operator_once() -> None:
    text = operators_header(parse_tflite(pointwise_convolution("int8", 4, 8))).decode()
    assert "#define KWS_OPERATOR_COUNT 1\n" in text
    assert text.count("resolver.Add") == 1 and "resolver.AddConv2D()" in text
