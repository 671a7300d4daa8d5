"""The form for ESPHome, loaded by the package that runs microWakeWord's files on computers."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import micro_consumer
import numpy as np
import pytest
from fake_bundles import loudness_bundle
from micro_bundles import LABELS, bundled, micro_bundle, syllables

from tfkws.config import DetectorConfig, ExportSettings
from tfkws.detect.detector import Detector
from tfkws.errors import ConversionError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.models import build_model
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.export.esphome.form import device_file, esphome
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model

SETTINGS = ExportSettings(to="esphome", author="Ada", website="https://example.org", language="en")
AUDIO = syllables(12.0, 1)
STEP = 480  # samples


@dataclass(frozen=True)
class Heard:
    """What the consumer's package answered, twice: averages and decisions (2, steps), and its frames a step."""

    averages: np.ndarray
    decisions: np.ndarray
    stride: int


def heard_by_consumer(bundle: Bundle, folder: Path, window: int = 0) -> Heard:
    """Let the package's detector, made from the folder's manifest, hear `AUDIO`; see `fakes/micro_consumer.py`."""
    if importlib.util.find_spec("pymicro_wakeword") is None:
        pytest.skip("pymicro-wakeword is not installed")
    for name, content in esphome(bundle, SETTINGS).files.items():
        (folder / name).write_bytes(content)
    np.save(folder / "audio.npy", AUDIO)
    paths = [folder / name for name in ("hey_you.json", "audio.npy", "heard.npz")]
    done = subprocess.run(
        [sys.executable, micro_consumer.__file__, *paths, str(window)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with np.load(paths[-1], allow_pickle=False) as heard:
        return Heard(heard["averages"], heard["decisions"], int(heard["stride"]))


def test_the_consumer_hears_what_our_detector_hears(tmp_path: Path) -> None:
    bundle = micro_bundle()
    heard = heard_by_consumer(bundle, tmp_path)
    averages, decisions = heard.averages[0], heard.decisions[0]
    answers = Detector(bundle).answers(AUDIO)
    ours = np.array([answer.scores[1] for answer in answers])
    theirs = averages[len(averages) - len(ours) :]
    assert ours.std() > 0.1 and ours.min() < 0.4 and ours.max() > 0.8
    first = 20  # until then our average holds fewer answers
    # XNNPACK, on which the detector runs, rounds sums otherwise than the kernels of the package.
    error = np.abs(ours - theirs)[first:]
    assert error.max() < 5 / 256 and error.mean() < 1 / 256
    threshold = bundle.detector.threshold
    clear = np.abs(ours - threshold) > 5 / 256
    clear[:first] = False
    np.testing.assert_array_equal(decisions[len(averages) - len(ours) :][clear], (ours >= threshold)[clear])
    assert clear.mean() > 0.8 and 0.03 < decisions.mean() < 0.9


@pytest.mark.parametrize("name", ["mixednet", "tc_resnet8", "matchboxnet_3x1x64"])
def test_every_probability_is_that_of_the_bundles_model_within_a_step(name: str, tmp_path: Path) -> None:
    """On the same kernels, step by step, without averaging."""
    bundle = micro_bundle(name)
    heard = heard_by_consumer(bundle, tmp_path, window=1)
    theirs = heard.averages[0]
    from tfkws.features.numpy_front_end import StreamingFrontEnd

    frames = StreamingFrontEnd(bundle.features).feed(AUDIO)
    each = heard.stride
    steps = frames[: len(frames) // each * each].reshape(-1, each, 40).transpose(0, 2, 1)[..., None]
    ours = open_model(bundle.model, kernels="builtin", load_check=False).predict(np.ascontiguousarray(steps))[:, 1]
    assert len(ours) == len(theirs)
    assert np.abs(ours - theirs).max() <= 1 / 256 + 1e-6
    assert np.mean(ours != theirs) < 0.2


def test_a_stream_begins_anew_after_a_reset(tmp_path: Path) -> None:
    once, again = heard_by_consumer(micro_bundle(), tmp_path).averages
    np.testing.assert_array_equal(once, again)


def test_folder_holds_what_a_device_needs(tmp_path: Path) -> None:
    made = esphome(micro_bundle(), SETTINGS)
    assert set(made.files) == {"hey_you.json", "hey_you.tflite", "device.yaml", "README.md"}
    told = json.loads(made.files["hey_you.json"])
    assert (told["type"], told["version"], told["wake_word"]) == ("micro", 2, "hey you")
    assert (told["model"], told["author"], told["trained_languages"]) == ("hey_you.tflite", "Ada", ["en"])
    assert told["micro"]["sliding_window_size"] == 5 and told["micro"]["feature_step_size"] == 10
    assert told["micro"]["tensor_arena_size"] > 4_000
    assert b"wake_words/hey_you.json" in made.files["device.yaml"]
    assert b"hey you" in made.files["README.md"] and b"$" not in made.files["README.md"]
    assert made.next.endswith("hey_you.json clip.wav")


def test_file_takes_and_gives_what_microwakewords_do() -> None:
    graph = device_file(micro_bundle(), 1).graph
    assert (graph.input.shape, graph.input.dtype) == ((1, 3, 40), "int8")
    assert graph.input.scales[0] == np.float32(26 / 255) and graph.input.zero_points == (-128,)
    assert (graph.output.shape, graph.output.dtype) == ((1, 1), "uint8")
    assert (graph.output.scales, graph.output.zero_points) == ((1 / 256,), (0,))
    assert len(graph.inputs) == len(graph.outputs) == 1


def test_tensorflow_lite_micro_answers_the_same(tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed")
    from tfkws.tflite.micro.interpreter import run_on_micro

    file = device_file(micro_bundle(), 1)
    stored = np.random.default_rng(0).integers(-128, 60, (40, 1, 3, 40)).astype(np.int8)
    expected = open_model(file, kernels="builtin", load_check=False).answer_stored(stored[:, 0])
    np.testing.assert_array_equal(run_on_micro(file, stored).outputs[:, 0], expected)


def test_the_first_class_may_be_the_word() -> None:
    file = bundled(micro_bundle().model, micro_bundle().detector)
    swapped = open_model(device_file(file, 0), kernels="builtin", load_check=False)
    plain = open_model(device_file(file, 1), kernels="builtin", load_check=False)
    stored = np.random.default_rng(1).integers(-128, 60, (30, 3, 40)).astype(np.int8)
    assert np.abs(swapped.answer_stored(stored) + plain.answer_stored(stored).astype(int) - 256).max() <= 2


def test_what_a_device_cannot_run_is_refused_with_the_mend() -> None:
    bundle = micro_bundle()
    with pytest.raises(ConversionError, match="this bundle's is mfcc-49x10; train with --features micro-40x98"):
        esphome(loudness_bundle(), SETTINGS)
    whole = bundled(convert(build_model("mixednet_32", (40, 98, 1), 2), RECIPES["none"]), bundle.detector)
    with pytest.raises(ConversionError, match="takes a whole window; convert the model with --quantize int8 --str"):
        esphome(whole, SETTINGS)
    with pytest.raises(ConversionError, match="more than --max-arena-kib 4; take a smaller network"):
        esphome(bundle, replace(SETTINGS, max_arena_kib=4))
    with pytest.raises(ConversionError, match="judges chunks"):
        esphome(replace(bundle, detector=DetectorConfig(chunk_ms=500.0)), SETTINGS)
    with pytest.raises(ConversionError, match="one word against all else, and this one tells 2 classes apart"):
        esphome(replace(bundle, labels=("yes", "no")), SETTINGS)


def test_a_network_on_pictures_is_refused_by_the_name_of_its_layer() -> None:
    with pytest.raises(ConversionError, match="Layer stem_conv takes rows and frames as a picture.*--step-ms 10"):
        esphome(micro_bundle("bc_resnet_1"), SETTINGS)


def test_labels_of_the_fake_are_those_of_a_wake_word() -> None:
    assert LABELS[0] == "_other_" and FRONT_ENDS["micro-40x98"] == micro_bundle().features
