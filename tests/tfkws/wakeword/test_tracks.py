import numpy as np
import pytest

from tfkws.wakeword.tracks import Pool, TrackSettings, babble, lay_track

QUIET = TrackSettings(seconds=10.0, dry=1.0, quiet=1.0, gain_db=(0.0, 0.0), spread_db=0.0, strength=0.0)


def bursts(count: int, samples: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(0, 0.1, samples), np.float32) for _ in range(count)]


def test_utterances_lie_where_they_are_told_to() -> None:
    track = lay_track([Pool("phrase", bursts(3, 8_000), 0.5), Pool("near", bursts(3, 5_000), 0.5)], [], QUIET, 0)
    assert {one.kind for one in track.laid} == {"phrase", "near"}
    spoken = np.zeros(len(track.audio), bool)
    for one in track.laid:
        spoken[one.start : one.end] = True
    assert np.std(track.audio[spoken]) > 100 * np.std(track.audio[~spoken])


def test_a_track_depends_on_its_key_alone() -> None:
    pools = [Pool("phrase", bursts(3, 8_000), 1.0)]
    one, same, other = (lay_track(pools, [], TrackSettings(seconds=6.0), key) for key in (5, 5, 6))
    assert np.array_equal(one.audio, same.audio)
    assert one.laid == same.laid
    assert not np.array_equal(one.audio, other.audio)


def test_shares_are_those_of_the_pools() -> None:
    pools = [Pool("phrase", bursts(2, 1_600), 1.0), Pool("near", bursts(2, 1_600), 3.0), Pool("empty", [], 9.0)]
    kinds = [one.kind for key in range(20) for one in lay_track(pools, [], QUIET, key).laid]
    assert kinds.count("near") / len(kinds) == pytest.approx(0.75, abs=0.07)
    assert "empty" not in kinds


def test_audio_stays_within_full_scale() -> None:
    loud = TrackSettings(seconds=5.0, gain_db=(30.0, 30.0))
    track = lay_track([Pool("phrase", bursts(2, 8_000), 1.0)], [], loud, 1)
    assert np.abs(track.audio).max() <= 1.0


def test_babble_never_says_the_phrase() -> None:
    phrase = np.full(8_000, 0.5, np.float32)
    mixed = babble(
        40_000, [Pool("phrase", [phrase], 1.0), Pool("near", bursts(2, 4_000), 1.0)], np.random.default_rng(0)
    )
    assert abs(float(mixed.mean())) < 0.05


def test_given_noises_are_heard() -> None:
    settings = TrackSettings(seconds=4.0, dry=1.0, quiet=0.0, snr_db=(0.0, 0.0), gain_db=(0.0, 0.0))
    hum = np.asarray(np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000), np.float32)
    found = []
    for key in range(12):
        spectrum = np.abs(np.fft.rfft(lay_track([Pool("near", bursts(1, 800), 1.0)], [hum], settings, key).audio))
        found.append(np.argmax(spectrum) == 4_000)
    assert any(found)
    assert not all(found)
