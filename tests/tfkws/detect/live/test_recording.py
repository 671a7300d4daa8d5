import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.config.detector import ListenConfig
from tfkws.data.audio.files import read_clip
from tfkws.detect.decision import Detection
from tfkws.detect.live.ear import Heard
from tfkws.detect.live.recording import Recorder
from tfkws.detect.live.ring_buffer import RingBuffer

RATE = 16_000
RAMP = (np.arange(10 * RATE) / (10 * RATE)).astype(np.float32)


def heard(end: int, label: str = "happy", score: float = 0.9, near_miss: bool = False) -> Heard:
    return Heard("kws10", Detection(label, score, end, end / RATE), near_miss, 1.0)


@pytest.fixture
def ring() -> RingBuffer:
    ring = RingBuffer(10 * RATE)
    ring.write(RAMP[: 5 * RATE])
    return ring


def recorder(folder: Path, ring: RingBuffer) -> Recorder:
    return Recorder(folder, ring, RATE, ListenConfig(before_ms=1_000.0, after_ms=500.0))


def test_audio_around_a_hit_is_kept_when_it_is_there(ring: RingBuffer, tmp_path: Path) -> None:
    kept = recorder(tmp_path, ring)
    kept.keep(heard(5 * RATE))
    kept.write_ready()
    assert kept.written == 0
    ring.write(RAMP[5 * RATE : 6 * RATE])
    kept.write_ready()
    (file,) = (tmp_path / "hits" / "happy").glob("*.wav")
    samples, rate = soundfile.read(file, dtype="float32")
    assert (rate, kept.written) == (RATE, 1)
    np.testing.assert_allclose(samples, RAMP[4 * RATE : round(5.5 * RATE)], atol=1e-4)


def test_at_the_end_what_there_is(ring: RingBuffer, tmp_path: Path) -> None:
    kept = recorder(tmp_path, ring)
    kept.keep(heard(5 * RATE))
    kept.write_ready(ended=True)
    (file,) = tmp_path.rglob("*.wav")
    assert soundfile.info(file).frames == RATE


def test_each_has_a_line_and_near_misses_a_folder(ring: RingBuffer, tmp_path: Path) -> None:
    kept = recorder(tmp_path, ring)
    kept.keep(heard(2 * RATE))
    kept.keep(heard(3 * RATE, score=0.4, near_miss=True))
    kept.write_ready()
    lines = [json.loads(line) for line in (tmp_path / "index.jsonl").read_text().splitlines()]
    assert [(line["label"], line["score"], line["near_miss"]) for line in lines] == [
        ("happy", 0.9, False),
        ("happy", 0.4, True),
    ]
    assert all((tmp_path / line["file"]).is_file() for line in lines)
    assert lines[1]["file"].startswith("near-misses/happy/")
    assert lines[0]["at_s"] == 1.0


def test_what_is_kept_can_be_trained_on(ring: RingBuffer, tmp_path: Path) -> None:
    kept = recorder(tmp_path, ring)
    kept.keep(heard(2 * RATE))
    kept.write_ready()
    (file,) = tmp_path.rglob("*.wav")
    assert read_clip(file).shape == (RATE,)


def test_labels_become_names_of_folders(ring: RingBuffer, tmp_path: Path) -> None:
    kept = recorder(tmp_path, ring)
    for label in ("../../etc", "hey computer", "日本", "…"):
        kept.keep(heard(2 * RATE, label=label))
    kept.write_ready()
    folders = {path.name for path in (tmp_path / "hits").iterdir()}
    assert folders == {"etc", "hey_computer", "日本", "word"}


def test_two_hits_of_one_second_are_two_files(ring: RingBuffer, tmp_path: Path) -> None:
    kept = recorder(tmp_path, ring)
    kept.keep(heard(2 * RATE))
    kept.keep(heard(2 * RATE))
    kept.write_ready()
    assert len(list(tmp_path.rglob("*.wav"))) == 2


def test_a_folder_that_cannot_be_written_ends_recording_only(ring: RingBuffer, tmp_path: Path) -> None:
    (tmp_path / "hits").write_text("a file where a folder must be")
    kept = recorder(tmp_path, ring)
    kept.keep(heard(2 * RATE))
    kept.keep(heard(3 * RATE))
    kept.write_ready()
    assert "cannot be written" in kept.problem
    assert kept.written == 0
