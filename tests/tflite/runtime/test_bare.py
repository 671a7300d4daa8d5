"""Files run with NumPy and a runtime alone: ABS on one number, and the tiny network."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import TfliteFileError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.bare import Quantization, build_interpreter, fill_inputs, noise_for, open_bare
from tfkws.tflite.runtime.model import open_model


def test_quantisation_rounds_and_saturates() -> None:
    q = Quantization(np.dtype(np.int8), 0.5, 3)
    assert q.store(np.array([0.0, 0.6, -0.6, 1e9, -1e9])).tolist() == [3, 4, 2, 127, -128]
    assert q.restore(np.array([3, 4, -128], np.int8)).tolist() == [0.0, 0.5, -65.5]


def test_floats_are_stored_as_they_are() -> None:
    floats = Quantization(np.dtype(np.float32), 0.0, 0)
    assert floats.store(np.array([0.1, -7.0])).tolist() == np.array([0.1, -7.0], np.float32).tolist()
    assert floats.restore(np.array([2.5], np.float32)).tolist() == [2.5]


def test_examples_are_answered_one_by_one(abs_file: Path) -> None:
    model = open_bare(str(abs_file), 1, "xnnpack", "litert")
    answers = model.answer_stored(np.array([-2.5, 0.0, 7.0], np.float32))
    assert answers.ravel().tolist() == [2.5, 0.0, 7.0]
    assert model.load_us > 0


def test_it_answers_as_the_checked_model_does(int8_file: Path, maps: np.ndarray) -> None:
    bare = open_bare(str(int8_file), 1, "builtin", "litert")
    stored = bare.answer_stored(bare.input_quantization.store(maps[:5]))
    assert bare.input_shape == (8, 6, 1)
    assert stored.dtype == np.int8
    expected = open_model(int8_file, kernels="builtin", load_check=False).predict(maps[:5])
    assert np.array_equal(bare.output_quantization.restore(stored), expected)


def test_a_refused_file_is_one_sentence() -> None:
    with pytest.raises(TfliteFileError, match="^noise.tflite is refused by ai_edge_litert .*convert the model again"):
        build_interpreter("noise.tflite", b"noise" * 100, 1, "xnnpack", "litert")


def test_inputs_are_filled_with_the_same_noise_each_time(converted: Callable[[str], TfliteFile]) -> None:
    filled = []
    for _ in range(2):
        interpreter = build_interpreter("int8", converted("int8").content, 1, "xnnpack", "litert")
        fill_inputs(interpreter)
        filled.append(interpreter.get_tensor(interpreter.get_input_details()[0]["index"]))
    assert np.array_equal(*filled)
    assert filled[0].min() >= 0 and len(np.unique(filled[0])) > 10


def test_states_are_handed_on_and_forgotten() -> None:
    from streaming_files import steps, streaming_file

    model = open_model(streaming_file("int8"), load_check=False)
    stored = model.input_quantization.store(steps(12))
    assert model.states == 4
    first = model.answer_stored(stored)
    later = model.answer_stored(stored)
    model.reset()
    assert np.array_equal(model.answer_stored(stored), first)
    assert not np.array_equal(later[0], first[0])  # it remembered


def test_two_inputs_that_are_no_states_are_refused() -> None:
    from streaming_files import streaming_file

    editor = streaming_file("none").edit()
    editor.main.outputs = list(editor.main.outputs)[::-1]
    with pytest.raises(TfliteFileError, match="every further input a state that an output renews"):
        open_model(editor.pack(), load_check=False)


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [("int8", 0, 127), ("uint8", 0, 127), ("int64", 0, 6), ("bool", 0, 1), ("float32", -6, 6)]
)
def test_noise_fits_the_type(dtype: str, low: int, high: int) -> None:
    noise = noise_for((4, 200), np.dtype(dtype), np.random.default_rng(0))
    assert (noise.shape, noise.dtype) == ((4, 200), np.dtype(dtype))
    assert low <= noise.min() < noise.max() <= high


def test_noise_of_text_is_a_letter() -> None:
    assert noise_for((2,), np.bytes_, np.random.default_rng(0)).tolist() == [b"a", b"a"]


def test_further_inputs_hold_noise_and_the_first_takes_the_example(tmp_path: Path) -> None:
    from odd_files import odd_file

    path = tmp_path / "sum.tflite"
    path.write_bytes(odd_file("scalars"))
    model = open_bare(str(path), 1, "xnnpack", "litert", outlets=0)
    model.set_stored_input(np.array([2.5], np.float32))
    (first, taken), (second, noise) = model.stored_inputs()
    assert (first, second, taken.tolist()) == ("a", "b", 2.5)
    assert noise != 0 and model.states == 0


def test_variable_tensors_go_on_from_run_to_run_until_reset(tmp_path: Path) -> None:
    from odd_files import odd_file

    path = tmp_path / "svdf.tflite"
    path.write_bytes(odd_file("svdf"))
    model = open_bare(str(path), 1, "builtin", "litert", outlets=0)
    example = np.ones((1, 6), np.float32)
    first, second = (model.answer_stored(example) for _ in range(2))
    model.reset()
    assert not np.array_equal(first, second)
    assert np.array_equal(model.answer_stored(example), first)


def test_resources_go_on_from_run_to_run_and_begin_anew_when_opened_anew(tmp_path: Path) -> None:
    from odd_files import odd_file

    path = tmp_path / "ring.tflite"
    path.write_bytes(odd_file("streaming"))
    answers = []
    for _ in range(2):
        model = open_bare(str(path), 1, "xnnpack", "litert", outlets=0)
        answers.append([model.answer_stored(np.ones((1, 1, 6), np.float32)) for _ in range(2)])
    (first, second), again = answers
    assert not np.array_equal(first, second)
    assert np.array_equal(answers[0], again)
