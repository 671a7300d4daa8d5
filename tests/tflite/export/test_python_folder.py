"""The folder for Python, run in a process of its own that can import nothing but NumPy and the runtime."""

import subprocess
import sys
import wave
from dataclasses import replace
from pathlib import Path

import ai_edge_litert
import flatbuffers
import numpy as np
import pytest
from fake_bundles import loudness_bundle
from micro_bundles import micro_bundle, syllables
from streaming_files import FEATURES as STREAM_FEATURES
from streaming_files import LABELS as STREAM_LABELS
from streaming_files import streaming_file

from tfkws.config import DetectorConfig, ExportSettings
from tfkws.detect.detector import Detector
from tfkws.errors import ConversionError
from tfkws.tflite.bundle.archive import Bundle, read_bundle, write_bundle
from tfkws.tflite.export.python_folder import python_folder

SETTINGS = ExportSettings(to="python")


def laid_out(bundle: Bundle, folder: Path) -> Path:
    folder.mkdir()
    for name, content in python_folder(bundle, SETTINGS).files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which nothing can be imported but what the script is said to need."""
    folder = tmp_path_factory.mktemp("packages")
    for package in (np, ai_edge_litert, flatbuffers):
        where = Path(str(package.__file__)).parent
        (folder / where.name).symlink_to(where)
        for libraries in where.parent.glob(f"{where.name}.libs"):
            (folder / libraries.name).symlink_to(libraries)
    return folder


def run(folder: Path, packages: Path, *arguments: str, fed: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    alone = {"PYTHONPATH": str(packages), "PATH": ""}
    command = [sys.executable, "-S", "-B", *arguments]
    return subprocess.run(command, cwd=folder, env=alone, input=fed, capture_output=True, check=False)


def heard(done: "subprocess.CompletedProcess[bytes]") -> list[tuple[float, str, float]]:
    assert done.returncode == 0, done.stderr.decode()
    lines = (line.strip().split("  ") for line in done.stdout.decode().splitlines())
    return [(float(seconds.removesuffix(" s")), word, float(score)) for seconds, word, score in lines]


def by_our_detector(bundle: Bundle, audio: np.ndarray) -> list[tuple[float, str, float]]:
    found = Detector(bundle).feed(audio)
    return [(round(one.time_s, 2), one.label, round(one.score, 2)) for one in found]


def bursts(seconds: int, seed: int, rate: int = 16_000) -> np.ndarray:
    """Tones of half a second to two seconds and of every loudness, between stretches of silence, int16."""
    rng = np.random.default_rng(seed)
    audio = np.zeros(seconds * rate)
    at = 0
    while at < len(audio):
        length = int(rng.uniform(0.5, 2) * rate)
        tone = np.sin(np.arange(length) / 3)[: len(audio) - at]
        audio[at : at + length] += rng.uniform(0.2, 1) * tone
        at += length + int(rng.uniform(0.3, 2.5) * rate)
    return (32_767 * np.clip(audio, -1, 1)).astype(np.int16)


def test_only_what_it_is_said_to_need_can_be_imported(packages: Path, tmp_path: Path) -> None:
    done = run(tmp_path, packages, "-c", "import numpy, ai_edge_litert.interpreter\nimport tfkws")
    assert b"No module named 'tfkws'" in done.stderr


@pytest.mark.parametrize("settings", [DetectorConfig(), DetectorConfig(hop_ms=70, window_ms=100, refractory_ms=300)])
def test_a_stream_is_heard_as_our_detector_hears_it(settings: DetectorConfig, packages: Path, tmp_path: Path) -> None:
    bundle = replace(loudness_bundle(), detector=settings)
    audio = bursts(40, 3)
    wanted = by_our_detector(bundle, audio)
    assert len(wanted) > 5
    folder = laid_out(bundle, tmp_path / "folder")
    assert heard(run(folder, packages, "detect.py", fed=audio.tobytes() + b"\0")) == wanted
    with wave.open(str(folder / "clip.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(audio.tobytes())
    assert heard(run(folder, packages, "detect.py", "clip.wav")) == wanted


@pytest.mark.parametrize("centred", [False, True])
def test_a_network_that_keeps_a_state_is_heard_as_our_detector_hears_it(
    centred: bool, packages: Path, tmp_path: Path
) -> None:
    features = replace(STREAM_FEATURES, centred=centred, clip_samples=STREAM_FEATURES.clip_samples - 64 * centred)
    file = streaming_file("int8")
    assert file.metadata is not None
    settings = DetectorConfig(hop_ms=4, window_ms=20, threshold=0.35, refractory_ms=50)
    write_bundle(
        tmp_path / "a.kws",
        file.with_metadata(replace(file.metadata, features=features)),
        features,
        STREAM_LABELS,
        settings,
        {},
    )
    bundle = read_bundle(tmp_path / "a.kws")
    rng = np.random.default_rng(8)
    level = np.repeat(rng.uniform(0, 0.3, 100), 320)
    audio = (32_767 * np.clip(level * rng.normal(size=32_000), -1, 1)).astype(np.int16)
    wanted = by_our_detector(bundle, audio)
    assert len(wanted) > 5
    folder = laid_out(bundle, tmp_path / "folder")
    assert heard(run(folder, packages, "detect.py", fed=audio.tobytes())) == wanted
    assert run(folder, packages, "self_test.py").returncode == 0


def test_microwakewords_front_end_is_heard_as_our_detector_hears_it(packages: Path, tmp_path: Path) -> None:
    bundle, audio = micro_bundle(), syllables(20.0, 5)
    wanted = by_our_detector(bundle, audio)
    assert len(wanted) > 5
    folder = laid_out(bundle, tmp_path / "folder")
    assert not (folder / "front_end.npz").exists()
    assert heard(run(folder, packages, "detect.py", fed=audio.tobytes())) == wanted
    assert run(folder, packages, "self_test.py").returncode == 0
    source = (folder / "front_end.py").read_text()
    (folder / "front_end.py").write_text(source.replace("GAIN_OFFSET = 80.0", "GAIN_OFFSET = 20.0"))
    done = run(folder, packages, "self_test.py")
    assert (done.returncode, b"NOT sound" in done.stdout) == (1, True)


def test_a_wav_file_of_another_rate_is_refused_in_a_sentence(packages: Path, tmp_path: Path) -> None:
    folder = laid_out(loudness_bundle(), tmp_path / "folder")
    with wave.open(str(folder / "clip.wav"), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
    done = run(folder, packages, "detect.py", "clip.wav")
    assert (done.returncode, done.stderr.decode().splitlines()[-1]) == (
        1, "clip.wav must be mono, of 16 bits, at 16000 Hz.",
    )  # fmt: skip


def test_the_self_test_finds_a_changed_network(packages: Path, tmp_path: Path) -> None:
    folder = laid_out(loudness_bundle(), tmp_path / "folder")
    assert run(folder, packages, "self_test.py").returncode == 0
    tables = dict(np.load(folder / "front_end.npz"))
    np.savez(folder / "front_end.npz", **tables | {"mean": tables["mean"] + 1})
    done = run(folder, packages, "self_test.py")
    assert (done.returncode, b"NOT sound" in done.stdout) == (1, True)


def test_chunks_are_refused() -> None:
    bundle = replace(loudness_bundle(), detector=DetectorConfig(chunk_ms=500))
    with pytest.raises(ConversionError, match="judges chunks"):
        python_folder(bundle, SETTINGS)


def test_the_readme_names_word_and_threshold() -> None:
    readme = python_folder(loudness_bundle(), SETTINGS).files["README.md"].decode()
    assert "Hears loud" in readme and "threshold (0.5)" in readme and "synthetic speech" in readme
