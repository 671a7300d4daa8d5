from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.errors import TfliteFileError
from tfkws.tflite.convert import runtime_agreement
from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.runtimes import available_runtimes


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_runs_everywhere(recipe: Any, converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    answers = compare_runtimes(converted(recipe), maps[:8])
    assert [answer.runtime for answer in answers] == list(available_runtimes())
    assert all(answer.accepted for answer in answers), [answer.reason for answer in answers]
    assert all(answer.max_difference is not None and answer.max_difference < 0.01 for answer in answers)


def test_dynamic_dense_layers_run_on_the_oldest_runtime(maps: np.ndarray) -> None:
    """More than 1,024 weights, so that they are quantised; TensorFlow's default would be refused by tflite-runtime."""
    import keras

    from tfkws.tflite.convert.keras_to_tflite import convert

    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 6, 1))
    x = keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(inputs))
    content = convert(
        keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x), name="wide"), RECIPES["dynamic"]
    )
    assert tflite_file(content).contents.weight_bytes["int8"] == 48 * 64
    assert all(answer.accepted for answer in compare_runtimes(content, maps[:8]))


def test_a_refusal_is_told_with_its_reason(
    converted: Callable[[str], TfliteFile], maps: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tflite_runtime")
    from tfkws.tflite.runtime.model import open_model as opened

    def refuse(content: Any, runtime: Any = "litert", **settings: Any) -> Any:
        if runtime == "tf":
            raise TfliteFileError("The model is refused by tensorflow (op version 9).")
        return opened(content, runtime=runtime, **settings)

    monkeypatch.setattr(runtime_agreement, "open_model", refuse)
    answers = {answer.runtime: answer for answer in compare_runtimes(converted("none"), maps[:2])}
    assert not answers["tf"].accepted
    assert "op version 9" in answers["tf"].reason
    assert answers["tf"].max_difference is None
    assert answers["litert"].max_difference == 0.0
    difference = answers["tflite_runtime"].max_difference
    assert difference is not None and np.isfinite(difference)
