"""A phrase is recorded with prompts; what is good is kept, at once and under a free name."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_sounddevice import install_sounddevice

from tfkws.config.speech import RecordingSettings
from tfkws.errors import AudioError, ConfigError
from tfkws.pipeline.record import Recorded, open_signal, record
from tfkws.speech.phrase import parse_phrase

RATE_HZ = 16_000
PHRASE = parse_phrase("hey computer")
PAUSE = np.random.default_rng(0).normal(0, 0.0005, RATE_HZ).astype(np.float32)


def word(gain: float = 0.2) -> np.ndarray:
    return np.clip(gain * np.sin(2 * np.pi * 250 * np.arange(0.7 * RATE_HZ) / RATE_HZ), -1, 1).astype(np.float32)


def session(*gains: float) -> np.ndarray:
    return np.concatenate([PAUSE, *(part for gain in gains for part in (word(gain), PAUSE))])


def run(folder: Path, signal: np.ndarray, **settings: object) -> tuple[Recorded, list[str]]:
    told: list[str] = []
    blocks: Iterator[np.ndarray] = iter(np.array_split(signal, 50))
    result = record(PHRASE, folder, RecordingSettings(**settings), blocks, told.append)  # type: ignore[arg-type]
    return result, told


def test_good_takes_are_files_of_the_speaker(tmp_path: Path) -> None:
    result, told = run(tmp_path, session(0.2, 5.0, 0.3), takes=2, speaker="anna")
    assert (result.written, result.takes, result.refused) == (2, 2, 1)
    files = sorted((tmp_path / "hey computer" / "anna").iterdir())
    assert [file.name for file in files] == ["001.wav", "002.wav"]
    samples, rate_hz = soundfile.read(files[0], dtype="int16")
    assert rate_hz == RATE_HZ and len(samples) / RATE_HZ == pytest.approx(1.1, abs=0.1)
    assert told[0] == 'Say "hey computer" (1 of 2)'
    assert "too loud for the microphone" in told[3] and told[4] == 'Say "hey computer" (2 of 2)'


def test_a_second_run_goes_on_and_overwrites_nothing(tmp_path: Path) -> None:
    run(tmp_path, session(0.2), takes=2)
    first = (tmp_path / "hey computer" / "me" / "001.wav").read_bytes()
    (tmp_path / "hey computer" / "me" / "001.wav").rename(tmp_path / "hey computer" / "me" / "002.wav")
    result, told = run(tmp_path, session(0.3, 0.3, 0.3), takes=3)
    assert (result.written, result.takes) == (2, 3)
    assert (tmp_path / "hey computer" / "me" / "002.wav").read_bytes() == first
    assert told[0] == 'Say "hey computer" (2 of 3)'
    again, told = run(tmp_path, session(0.3), takes=3)
    assert (again.written, again.takes, told) == (0, 3, [])


def test_a_signal_that_ends_too_soon_is_no_failure_unless_nothing_was_heard(tmp_path: Path) -> None:
    result, _ = run(tmp_path, session(0.2), takes=5)
    assert (result.takes, result.wanted) == (1, 5)
    with pytest.raises(AudioError, match="ended before the phrase was heard once"):
        run(tmp_path / "other", session())


def test_a_muted_microphone_is_told_after_three_silences(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"Nothing was heard for 3 s; choose another microphone by --device"):
        run(tmp_path, np.tile(PAUSE, 10), patience_s=1.0)


def test_a_file_a_pipe_and_a_microphone_bring_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signal = session(0.2, 0.25)
    soundfile.write(tmp_path / "session.wav", signal, RATE_HZ, subtype="FLOAT")
    raw = io.BytesIO((signal * 32767).astype("<i2").tobytes())
    install_sounddevice(monkeypatch, [("None", 0, RATE_HZ), ("Mike", 1, RATE_HZ)], [signal[:, None]])
    sources = open_signal(tmp_path / "session.wav", None, ""), open_signal(None, raw, "")
    for number, blocks in enumerate(sources):
        made = record(PHRASE, tmp_path / str(number), RecordingSettings(takes=2), blocks, lambda line: None)
        assert made.written == 2
    microphone = open_signal(None, None, "mike")
    made = record(PHRASE, tmp_path / "mike", RecordingSettings(takes=2), microphone, lambda line: None)
    assert made.written == 2
    with pytest.raises(ConfigError, match="two sources"):
        open_signal(tmp_path / "session.wav", raw, "")
