"""Importing recordings of every kind; whatever is damaged is named and left out."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.prepare.import_recordings import check_decoder, import_recordings, loudest_second
from tfkws.data.splits import speaker_of
from tfkws.errors import ConfigError, DataError


def record(path: Path, rate: int = 16_000, seconds: float = 1.0, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.3 * np.sin(2 * np.pi * 300 * np.arange(round(rate * seconds)) / rate)
    soundfile.write(path, np.tile(samples[:, None], channels), rate)


def clips(folder: Path, word: str) -> list[Path]:
    return sorted((folder / word).iterdir())


def test_any_rate_format_and_channel_count_becomes_a_clip(tmp_path: Path) -> None:
    record(tmp_path / "in/hey/anna/1.wav", 44_100, 0.7, 2)
    record(tmp_path / "in/hey/anna/2.flac", 48_000, 2.5)
    record(tmp_path / "in/hey/ben/1.ogg", 8_000, 1.0)
    result = import_recordings(tmp_path / "in", tmp_path / "out")
    assert (result.written, result.unchanged, result.skipped) == (3, 0, ())
    for path in clips(tmp_path / "out", "hey"):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (16_000, 1, "PCM_16")
        assert info.frames <= 16_000 and np.abs(soundfile.read(path)[0]).max() > 0.25


def test_one_person_is_one_speaker_in_every_word(tmp_path: Path) -> None:
    for word in ("hey", "stop"):
        for take in range(3):
            record(tmp_path / f"in/{word}/anna/{take}.wav")
            record(tmp_path / f"in/{word}/ben_{take}.wav")
    import_recordings(tmp_path / "in", tmp_path / "out")
    speakers = [{speaker_of(path.name) for path in clips(tmp_path / "out", word)} for word in ("hey", "stop")]
    assert speakers[0] == speakers[1] and len(speakers[0]) == 2
    assert all(len(clips(tmp_path / "out", word)) == 6 for word in ("hey", "stop"))


def test_names_of_speech_commands_keep_their_speaker(tmp_path: Path) -> None:
    record(tmp_path / "in/yes/012c8314_nohash_3.wav")
    import_recordings(tmp_path / "in", tmp_path / "out")
    assert speaker_of(clips(tmp_path / "out", "yes")[0].name) == "012c8314"


def test_long_recording_is_cut_at_its_loudest_second() -> None:
    samples = np.full(160_000, 0.01, np.float32)
    samples[70_000:86_000] = 0.5
    cut = loudest_second(samples)
    assert len(cut) == 16_000 and (cut == 0.5).mean() > 0.99


def test_loudest_second_by_brute_force() -> None:
    samples = np.random.default_rng(0).normal(size=20_000).astype(np.float32) * np.linspace(0, 1, 20_000) ** 2
    starts = range(0, 4001, 160)
    best = max(starts, key=lambda start: float(np.sum(samples[start : start + 16_000].astype(float) ** 2)))
    np.testing.assert_array_equal(loudest_second(samples), samples[best : best + 16_000])


def test_noises_keep_their_length_and_name(tmp_path: Path) -> None:
    record(tmp_path / "in/_background_noise_/kitchen.flac", seconds=4.0)
    import_recordings(tmp_path / "in", tmp_path / "out")
    assert soundfile.info(tmp_path / "out/_background_noise_/kitchen.wav").frames == 64_000


def test_second_import_changes_nothing_and_bad_files_are_named(tmp_path: Path) -> None:
    record(tmp_path / "in/hey/1.wav")
    (tmp_path / "in/hey/2.wav").write_bytes(b"no")
    first, second = (import_recordings(tmp_path / "in", tmp_path / "out") for _ in range(2))
    assert (first.written, second.written, second.unchanged) == (1, 0, 1)
    assert first.skipped[0][0] == "hey/2.wav" and "not audio" in first.skipped[0][1]


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no folder"):
        import_recordings(tmp_path / "missing", tmp_path / "out")
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="holds no .flac, .ogg, .wav files"):
        import_recordings(tmp_path / "in", tmp_path / "out")
    record(tmp_path / "in/loose.wav")
    with pytest.raises(DataError, match="lies in no word's folder"):
        import_recordings(tmp_path / "in", tmp_path / "out")
    (tmp_path / "synthetic").mkdir()
    (tmp_path / "synthetic" / "SYNTHETIC_SPEECH.json").write_text("{}")
    with pytest.raises(DataError, match="holds synthetic speech"):
        import_recordings(tmp_path / "in", tmp_path / "synthetic")
    with pytest.raises(ConfigError, match="no decoder"):
        check_decoder("ffmpeg")
