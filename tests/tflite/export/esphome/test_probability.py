"""The word's probability by a logistic function, beside the softmax that it stands for."""

import numpy as np
import pytest
from micro_bundles import micro_bundle
from streaming_files import streaming_file

from tfkws.errors import ConversionError
from tfkws.tflite.export.esphome.probability import word_probability
from tfkws.tflite.runtime.model import open_model


@pytest.mark.parametrize("word", [0, 1])
def test_is_the_softmax_within_a_step(word: int) -> None:
    file = micro_bundle().model
    stored = np.random.default_rng(0).integers(-128, 60, (200, *file.graph.input.shape[1:])).astype(np.int8)
    both = open_model(file, kernels="builtin", load_check=False).answer_stored(stored)
    found = open_model(word_probability(file, word), kernels="builtin", load_check=False).answer_stored(stored)
    error = found[:, 0].astype(int) - (both[:, word].astype(int) + 128)
    assert np.abs(error).max() <= 1 and found.std() > 5


def test_logits_are_subtracted_without_rounding_where_they_reach_far() -> None:
    graph = word_probability(micro_bundle().model, 1).graph
    subtraction = next(op for op in graph.ops if graph.written(op).name == "logit_difference")
    step = graph.tensors[subtraction.inputs[0]].scales[0]
    assert step <= graph.written(subtraction).scales[0] <= max(step, 5.6 / 127) + 1e-6


def test_more_classes_or_none_at_all_are_refused() -> None:
    for recipe in ("int8", "none"):
        with pytest.raises(ConversionError, match="two classes, the word and all else.*--task wake-word"):
            word_probability(streaming_file(recipe), 1)
