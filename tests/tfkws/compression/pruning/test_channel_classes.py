"""Which channels go together, on networks of several families."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from tfkws.compression.pruning.channel_classes import channel_classes
from tfkws.errors import UnsupportedLayerError

Lively = Callable[[str], tuple[keras.Model, np.ndarray]]


def test_channels_that_are_added_are_one_class(lively: Lively) -> None:
    classes = channel_classes(lively("tc_resnet")[0])
    of = {one.layer.name: one for one in classes.layers}
    np.testing.assert_array_equal(of["stage1_block1_conv2"].writes, of["stage1_block1_skip"].writes)
    assert not set(of["stage1_block1_conv1"].writes) & set(of["stage1_block1_conv2"].writes)


def test_concatenated_channels_stay_apart(lively: Lively) -> None:
    classes = channel_classes(lively("densenet")[0])
    of = {one.layer.name: one for one in classes.layers}
    both = [*of["stem_conv"].writes, *of["stage1_block1_grow"].writes]
    np.testing.assert_array_equal(of["stage1_transition_halve"].reads, both)
    assert len(set(both)) == len(both)


def test_input_and_answers_are_fixed(lively: Lively) -> None:
    classes = channel_classes(lively("matchboxnet")[0])
    of = {one.layer.name: one for one in classes.layers}
    assert classes.fixed[of["logits"].writes].all()
    assert classes.fixed[of["stem_depthwise"].writes].all()  # rows of the map, not filters
    assert not classes.fixed[of["stem_pointwise"].writes].any()


def test_an_unknown_layer_is_named() -> None:
    inputs = keras.Input((4, 4, 3))
    network = keras.Model(inputs, keras.layers.UpSampling2D(name="odd")(inputs))
    with pytest.raises(UnsupportedLayerError, match=r"Layer odd \(UpSampling2D\)"):
        channel_classes(network)
