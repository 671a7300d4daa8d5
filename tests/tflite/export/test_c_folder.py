"""The folder for C: compiled and run here, and answered by TensorFlow Lite Micro's own interpreter."""

import re
import shutil
import subprocess
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from micro_bundles import micro_bundle
from small_networks import small_network
from streaming_files import FEATURES as STREAM_FEATURES
from streaming_files import LABELS as STREAM_LABELS
from streaming_files import streaming_file

from tfkws.config import DetectorConfig, ExportSettings, FeatureConfig
from tfkws.errors import ConversionError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.micro.front_end import MicroRows
from tfkws.models import build_model
from tfkws.tflite.bundle.archive import Bundle, read_bundle, write_bundle
from tfkws.tflite.bundle.golden_vectors import feature_maps, signals
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.whole_detector import whole_detector
from tfkws.tflite.export.c_folder import COMPILE, c_folder
from tfkws.tflite.export.exported import Exported
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.operators import MICRO_OPERATORS, resolver_call
from tfkws.tflite.recipes import RECIPES

needs_package = pytest.mark.skipif(
    find_spec("tflite_micro") is None, reason="tflite-micro is not installed: pip install 'tfkws[micro]'"
)
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler is installed")
pytestmark = [needs_package]
SETTINGS = ExportSettings(to="c")
LABELS = ("_other_", "yes", 'n"o', "héy")


def bundled(file: TfliteFile, features: FeatureConfig, labels: tuple[str, ...], folder: Path) -> Bundle:
    write_bundle(folder / "a.kws", file, features, labels, DetectorConfig(), {"synthetic_speech": False})
    return read_bundle(folder / "a.kws")


@pytest.fixture(scope="module")
def int8(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    features = FRONT_ENDS["mfcc-49x10"]
    network = build_model("mlperf_ds_cnn", features.input_shape, 4, filters=8, repeats=2)
    maps = feature_maps(signals(16_000, 16_000), features)
    return bundled(convert(network, RECIPES["int8"], maps), features, LABELS, tmp_path_factory.mktemp("int8"))


@pytest.fixture(scope="module")
def made(int8: Bundle) -> Exported:
    return c_folder(int8, SETTINGS)


def laid_out(made: Exported, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in made.files.items():
        (folder / name).write_bytes(content)
    return folder


def self_tested(folder: Path) -> "subprocess.CompletedProcess[str]":
    strict = COMPILE.replace("-std=c99", "-std=c99 -Wall -Wextra -Werror -pedantic")
    return subprocess.run(strict, cwd=folder, shell=True, capture_output=True, text=True, check=False)


@needs_compiler
def test_a_strict_compiler_takes_it_and_the_self_test_passes(made: Exported, tmp_path: Path) -> None:
    done = self_tested(laid_out(made, tmp_path / "folder"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("ok  ") == 6 and done.stdout.endswith("\nsound\n")


@needs_compiler
@pytest.mark.parametrize("front_end", ["mfcc-40x32", "logmel-40x98"])
def test_every_front_end_is_computed_as_in_numpy(front_end: str, tmp_path: Path) -> None:
    features = replace(FRONT_ENDS[front_end], row_mean=(0.5,) * 40, row_std=(2.0,) * 40)
    network = build_model("tc_resnet8", features.input_shape, 2)
    done = self_tested(
        laid_out(
            c_folder(bundled(convert(network, RECIPES["none"]), features, LABELS[:2], tmp_path), SETTINGS),
            tmp_path / "c",
        )
    )
    assert done.returncode == 0, done.stdout + done.stderr
    error = re.search(r"difference of a feature (\S+),", done.stdout)
    assert error and float(error[1]) < 2e-4


@needs_compiler
@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("model.c", " 84, 70, 76, 51,", " 84, 70, 76, 52,", "FAIL  kws_model is a .tflite file"),
        ("model.h", "KWS_MODEL_CRC32 0x", "KWS_MODEL_CRC32 1 + 0x", "FAIL  every byte of it is as it was exported"),
        ("model.h", "KWS_FLOOR ", "KWS_FLOOR 2.0f * ", "FAIL  golden audio gives the golden features"),
        ("model.h", "KWS_INPUT_SCALE ", "KWS_INPUT_SCALE 1.1f * ", "FAIL  golden features are stored as they were"),
    ],
)
def test_what_was_changed_is_found(
    file: str, old: str, new: str, complaint: str, made: Exported, tmp_path: Path
) -> None:
    folder = laid_out(made, tmp_path / "folder")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    done = self_tested(folder)
    assert done.returncode == 1 and complaint in done.stdout


def test_the_golden_outputs_are_the_interpreters_and_ours(made: Exported, int8: Bundle) -> None:
    values = _array("kws_golden_outputs", made)
    restored = (values.reshape(3, 4) - _macro("KWS_OUTPUT_ZERO_POINT", made)) * _macro("KWS_OUTPUT_SCALE", made)
    np.testing.assert_allclose(restored, int8.golden.outputs, atol=2 * _macro("KWS_OUTPUT_SCALE", made))
    assert made.facts["answers_beside_litert"] == "equal bit for bit" or "steps" in made.facts["answers_beside_litert"]
    assert _macro("KWS_ARENA_BYTES", made) == made.facts["arena_bytes"]
    assert made.facts["arena_bytes"] >= made.facts["maps_bytes"] + made.facts["structures_bytes"]


def _array(name: str, made: Exported) -> np.ndarray:
    found = re.search(rf"{name}\[\d+\] = \{{(.*?)\}}", made.files["golden.c"].decode(), re.DOTALL)
    assert found
    return np.array([float(each) for each in found[1].replace("f", "").split(",") if each.strip()])


def _macro(name: str, made: Exported) -> float:
    found = re.search(rf"#define {name} (-?[\d.e+-]+)", made.files["model.h"].decode())
    assert found
    return float(found[1])


RESOLVER_NEEDS = '#pragma once\n#include "tensorflow/lite/micro/micro_interpreter.h"\n'
STUBS = {
    "tensorflow/lite/micro/micro_allocator.h": """#pragma once
#include <cstddef>
#include <cstdint>
namespace tflite { struct MicroAllocator { static MicroAllocator* Create(uint8_t*, size_t); }; }
""",
    "tensorflow/lite/micro/micro_resource_variable.h": """#pragma once
#include "tensorflow/lite/micro/micro_allocator.h"
namespace tflite { struct MicroResourceVariables { static MicroResourceVariables* Create(MicroAllocator*, int); }; }
""",
    "tensorflow/lite/schema/schema_generated.h": """#pragma once
namespace tflite { struct Model {}; inline const Model* GetModel(const void*) { return nullptr; } }
""",
    "tensorflow/lite/micro/micro_interpreter.h": """#pragma once
#include <cstddef>
#include <cstdint>
#include "tensorflow/lite/schema/schema_generated.h"
#include "tensorflow/lite/micro/micro_allocator.h"
#include "tensorflow/lite/micro/micro_resource_variable.h"
enum TfLiteStatus { kTfLiteOk, kTfLiteError };
struct TfLiteTensor { struct { char* raw; } data; };
namespace tflite {
struct MicroInterpreter {
  template <class R> MicroInterpreter(const Model*, const R&, MicroAllocator*, MicroResourceVariables*) {}
  TfLiteStatus AllocateTensors(); TfLiteStatus Invoke(); size_t arena_used_bytes();
  TfLiteTensor* input(size_t); TfLiteTensor* output(size_t);
};
}
""",
}


@needs_compiler
@pytest.mark.skipif(shutil.which("c++") is None, reason="no C++ compiler is installed")
def test_the_example_is_sound_cpp(made: Exported, tmp_path: Path) -> None:
    """Its syntax and names alone: the project's own headers are no package, so stubs stand in for them."""
    folder = laid_out(made, tmp_path / "folder")
    calls = " ".join(f"TfLiteStatus {resolver_call(name)}();" for name in sorted(MICRO_OPERATORS))
    resolver = f"namespace tflite {{ template <unsigned N> struct MicroMutableOpResolver {{ {calls} }}; }}\n"
    for name, text in (
        STUBS | {"tensorflow/lite/micro/micro_mutable_op_resolver.h": RESOLVER_NEEDS + resolver}
    ).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for defined in ([], ["-DESP_PLATFORM"]):
        command = ["c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I.", *defined, "main.cc"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@needs_compiler
def test_a_network_that_keeps_a_state_is_exported_step_by_step(tmp_path: Path) -> None:
    made = c_folder(bundled(streaming_file("int8"), STREAM_FEATURES, STREAM_LABELS, tmp_path), SETTINGS)
    assert _macro("KWS_VARIABLES", made) > 0
    added = made.files["operators.h"].decode()
    assert all(f"Add{name}()" in added for name in ("CallOnce", "VarHandle", "ReadVariable", "AssignVariable"))
    assert b"#define KWS_GOLDEN_RUNS 10\n" in made.files["golden.h"]
    done = self_tested(laid_out(made, tmp_path / "folder"))
    assert done.returncode == 0, done.stdout + done.stderr


@needs_compiler
def test_microwakewords_front_end_is_computed_bit_for_bit_over_the_steps_of_a_stream(tmp_path: Path) -> None:
    made = c_folder(micro_bundle(), SETTINGS)
    assert b"#define KWS_GOLDEN_STEPS 10\n" in made.files["golden.h"]
    assert _macro("KWS_VARIABLES", made) > 3 and made.facts["arena_bytes"] == _macro("KWS_ARENA_BYTES", made)
    folder = laid_out(made, tmp_path / "folder")
    done = self_tested(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "largest difference of a feature 0, allowed" in done.stdout and done.stdout.count("ok  ") == 6
    outputs = _array("kws_golden_outputs", made).reshape(-1, 2)
    assert len(outputs) > 90 and np.ptp(outputs[:, 1]) > 0
    text = (folder / "model.h").read_text()
    (folder / "model.h").write_text(text.replace("KWS_ODD_SMOOTHING ", "KWS_ODD_SMOOTHING 1 + "))
    assert "FAIL  golden audio gives the golden features" in self_tested(folder).stdout


LOUD = """
#include <stdio.h>
#include "front_end.h"
int main(void) {
    int16_t samples[KWS_WINDOW_SAMPLES];
    float row[KWS_ROWS];
    while (fread(samples, 2, KWS_WINDOW_SAMPLES, stdin) == KWS_WINDOW_SAMPLES) {
        kws_frame(samples, row);
        fwrite(row, sizeof row, 1, stdout);
    }
    return 0;
}
"""


@needs_compiler
def test_any_audio_gives_the_rows_of_our_front_end(tmp_path: Path) -> None:
    """Silence, full scale, single samples, noise of every loudness: 3,000 frames, by the sanitised program."""
    rng = np.random.default_rng(4)
    loud = 2.0 ** rng.uniform(0, 15.5, 3_000)[:, None]
    frames = np.clip(loud * rng.normal(size=(3_000, 480)), -32_768, 32_767).astype(np.int16)
    frames[100:140], frames[200:210], frames[300:320, 1:] = 0, -32_768, 0
    frames[400:420] = np.where(np.arange(480) % 2, 32_767, -32_768)
    folder = laid_out(c_folder(micro_bundle(), SETTINGS), tmp_path / "folder")
    (folder / "rows.c").write_text(LOUD)
    safe = "-fsanitize=undefined -fno-sanitize-recover=all"
    command = f"cc -std=c99 -O1 {safe} rows.c model.c front_end.c storing.c -lm -o rows && ./rows"
    done = subprocess.run(command, cwd=folder, shell=True, input=frames.tobytes(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found = np.frombuffer(done.stdout, np.float32).reshape(-1, 40)
    np.testing.assert_array_equal(found, MicroRows()(frames))


@needs_compiler
def test_a_network_that_takes_samples_needs_no_front_end(int8: Bundle, tmp_path: Path) -> None:
    import keras

    inputs = keras.Input((16_000,))
    x = keras.layers.Conv2D(4, (1, 64), (1, 64), activation="relu")(keras.layers.Reshape((1, 16_000, 1))(inputs))
    x = keras.layers.Dense(4, activation="softmax")(keras.layers.GlobalAveragePooling2D()(x))
    file = convert(keras.Model(inputs, x, name="heard"), RECIPES["none"])
    made = c_folder(bundled(file, int8.features, LABELS, tmp_path), SETTINGS)
    assert _macro("KWS_TAKES_AUDIO", made) == 1 and b"kws_window" not in made.files["model.c"]
    done = self_tested(laid_out(made, tmp_path / "folder"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fourier_transform_inside_is_refused_with_its_layer(int8: Bundle, tmp_path: Path) -> None:
    whole = whole_detector(int8.model, int8.features)
    with pytest.raises(ConversionError, match="needs RFFT2D for layer 'front_end'"):
        c_folder(bundled(whole, int8.features, LABELS, tmp_path), SETTINGS)


def test_too_large_an_arena_is_refused(int8: Bundle) -> None:
    with pytest.raises(ConversionError, match=r"arena of .* KiB, more than --max-arena-kib 2"):
        c_folder(int8, replace(SETTINGS, max_arena_kib=2))


def test_an_operator_that_it_lacks_is_named_with_its_layer(int8: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    from tfkws.tflite.micro import interpreter, operators

    fewer = MICRO_OPERATORS - {"DEPTHWISE_CONV_2D"}
    monkeypatch.setattr(
        interpreter, "check_for_micro", lambda graph, name: operators.check_for_micro(graph, name, fewer)
    )
    with pytest.raises(ConversionError, match="needs DEPTHWISE_CONV_2D for layer '.*depthwise"):
        c_folder(int8, SETTINGS)


def test_labels_of_any_letters_are_kept(made: Exported) -> None:
    assert rb'{"_other_", "yes", "n\"o", "h\303\251y"}' in made.files["model.c"]
    assert b"= {\n  0, 1, 1, 1,\n}" in made.files["model.c"]
    assert made.files["README.md"].decode().startswith('# yes, n"o, héy on a microcontroller')


def test_small_networks_of_other_families_are_exported(tmp_path: Path) -> None:
    network = small_network("matchboxnet")
    features = replace(FRONT_ENDS["logmel-40x98"], bands=8, rows=8, frames=20, clip_samples=480 + 19 * 160)
    maps = feature_maps(signals(features.clip_samples, 16_000), features)
    made = c_folder(bundled(convert(network, RECIPES["int8"], maps), features, LABELS, tmp_path), SETTINGS)
    assert "AddDepthwiseConv2D" in made.files["operators.h"].decode()
