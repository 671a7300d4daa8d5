"""Scoring: pairs of audio and labels, rows by source, the threshold in the bundle, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_bundles import write_loudness_bundle
from toned_audio import RATE, TONES, write_audio, write_provenance

from tfkws.config import DetectorConfig
from tfkws.config.hearing.over_air import CountingConfig
from tfkws.errors import AudioError, ConfigError
from tfkws.pipeline.over_air.labelled_audio import pair_files
from tfkws.pipeline.over_air.score import score_bundle
from tfkws.tflite.bundle.archive import read_bundle

SETTINGS = DetectorConfig(hop_ms=100, window_ms=100, threshold=0.5)


@pytest.fixture(scope="module")
def made_bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_loudness_bundle(tmp_path_factory.mktemp("bundle") / "ears.kws", SETTINGS).read_bytes()


@pytest.fixture
def bundle(made_bundle: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "ears.kws"
    path.write_bytes(made_bundle)
    return path


def test_words_hits_and_false_accepts_of_a_recording(bundle: Path, tmp_path: Path) -> None:
    audio = write_audio(tmp_path / "kitchen.wav")
    labels = tmp_path / "kitchen.txt"
    labels.write_text("5\t5.9\tloud (anna)\r\n15\t15.9\tLOUD (ben)\r\n35\t35.9\tloud (ben)\r\n0\t40\ttv on\r\n")
    score = score_bundle(bundle, pair_files([audio, labels]), CountingConfig())
    (row,) = score.values["sources"]
    assert (row["name"], row["false_accepts"]["events"], row["rejects"]["misses"]) == ("recorded", 1, 1)
    assert row["false_accepts"]["hours"] == pytest.approx((40 - 3 * 1.9) / 3600)
    assert (row["rejects"]["speakers"], row["rejects"]["named"]) == (2, True)
    (accept,) = score.values["false_accepts"]
    assert 25 < accept["time_s"] < 27 and accept["file"] == "kitchen.wav"
    assert score.values["misses"] == [{"file": "kitchen.wav", "start_s": 35.0, "label": "loud", "speaker": "ben"}]
    assert -0.9 < score.values["delay_s"] < 1.0
    assert json.loads(score.path.read_text()) == score.values
    assert score.path.with_suffix(".png").stat().st_size > 1_000


def test_sources_never_mix_silently(bundle: Path, tmp_path: Path) -> None:
    files = [write_audio(tmp_path / f"{name}.wav") for name in ("a", "b", "c")]
    write_provenance(files[0].with_suffix(".json"), "composed", TONES)
    write_provenance(files[1].with_suffix(".json"), "synthetic", TONES[:2])
    values = score_bundle(bundle, pair_files([tmp_path]), CountingConfig(), out=tmp_path / "result").values
    rows = [(row["name"], row["false_accepts"]["events"], row["rejects"]["misses"]) for row in values["sources"]]
    assert rows == [("recorded", 3, 0), ("composed", 0, 0), ("synthetic", 1, 0)]
    assert values["mixes"] == ["recorded", "composed", "synthetic"]
    assert values["total"]["false_accepts"]["events"] == 4
    assert set(values["curves"]) == {"recorded", "composed", "synthetic"}
    assert {row["name"] for row in values["by_room"]} == {"dry", "hall"}
    assert [row["name"] for row in values["by_snr"]] == ["clean", "10 dB"]
    assert values["triggers"] == [["no speech", 1]]


def test_a_wanted_threshold_goes_into_the_bundle_with_how_it_was_found(bundle: Path, tmp_path: Path) -> None:
    before = read_bundle(bundle)
    audio = write_audio(tmp_path / "night.wav")
    (tmp_path / "night.txt").write_text("5\t5.9\tloud\n15\t15.9\tloud\n")
    wanted = CountingConfig(false_accepts_per_hour=300.0)  # 40 s can show no lower rate
    values = score_bundle(bundle, pair_files([audio]), wanted, write=True).values
    after = read_bundle(bundle)
    found = after.detector.found
    assert found is not None and after.detector.threshold == pytest.approx(values["wanted"]["threshold"])
    assert (found.wanted_per_hour, found.source, found.utterances) == (300.0, "recorded", 2)
    assert found.false_accepts <= 300 * found.hours
    assert found.digests == (values["files"][0]["digest"],)
    assert replace(after.detector, threshold=SETTINGS.threshold, found=None) == SETTINGS
    assert (after.model, after.card, after.card_text) == (before.model, before.card, before.card_text)


def test_a_rate_that_the_hours_cannot_show_is_refused_before_anything_is_heard(bundle: Path, tmp_path: Path) -> None:
    before = bundle.read_bytes()
    files = pair_files([write_audio(tmp_path / "a.wav")])
    with pytest.raises(ConfigError, match=r"cannot show 0.5 false accepts an hour: it takes 6 h"):
        score_bundle(bundle, files, CountingConfig(false_accepts_per_hour=0.5), write=True)
    with pytest.raises(ConfigError, match="--write needs --false-accepts-per-hour"):
        score_bundle(bundle, files, CountingConfig(), write=True)
    assert bundle.read_bytes() == before and not list(tmp_path.glob("long-audio-*"))


def test_other_settings_than_the_bundles_are_scored(bundle: Path, tmp_path: Path) -> None:
    files = pair_files([write_audio(tmp_path / "a.wav")])
    deaf = score_bundle(bundle, files, CountingConfig(), lambda settings: replace(settings, refractory_ms=60_000.0))
    assert deaf.values["total"]["false_accepts"]["events"] == 1
    assert deaf.values["settings"]["refractory_ms"] == 60_000.0


def test_audio_without_words_gives_no_share_of_misses(bundle: Path, tmp_path: Path) -> None:
    values = score_bundle(bundle, pair_files([write_audio(tmp_path / "a.wav", ())]), CountingConfig()).values
    assert values["total"]["rejects"]["share"] is None and values["delay_s"] is None
    assert values["total"]["false_accepts"]["below"] == pytest.approx(3 / (40 / 3600))


def test_damaged_audio_is_refused_and_nothing_is_written(bundle: Path, tmp_path: Path) -> None:
    samples = np.zeros(RATE, np.float32)
    samples[5] = np.inf
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="not a finite number at 0.00 s"):
        score_bundle(bundle, pair_files([tmp_path / "a.wav"]), CountingConfig())
    assert not list(tmp_path.glob("long-audio-*"))
