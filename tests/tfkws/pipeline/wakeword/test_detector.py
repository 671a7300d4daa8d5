import numpy as np

from tfkws.config.wakeword import Effort, WakewordConfig
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.wakeword.detector import clips_of, windows_of
from tfkws.wakeword.pools import Spoken
from tfkws.wakeword.tracks import Laid, Track

FEATURES = get_front_end("logmel-40x98")


def test_a_window_ends_a_moment_after_what_was_said() -> None:
    audio = np.arange(64_000, dtype=np.float32) / 64_000
    track = Track(audio, (Laid(20_000, 28_000, "phrase", 0), Laid(45_000, 50_000, "near", 0)))
    (first, with_phrase), (second, without) = windows_of(track, FEATURES)
    assert (with_phrase, without) == (True, False)
    assert len(first) == len(second) == 16_000
    end = round(float(first[-1]) * 64_000)
    assert 28_000 < end < 28_000 + 0.3 * 16_000


def test_windows_that_do_not_fit_or_hold_a_second_phrase_are_left_out() -> None:
    audio = np.zeros(40_000, np.float32)
    early = Laid(1_000, 8_000, "phrase", 0)  # no window before it
    crowded = (Laid(18_000, 22_000, "phrase", 0), Laid(23_000, 27_000, "near", 0))
    assert len(windows_of(Track(audio, (early, *crowded)), FEATURES)) == 1


def test_clips_are_cut_for_every_split() -> None:
    rng = np.random.default_rng(0)
    groups = {
        (split, kind): [rng.normal(0, 3_000, 9_000).astype(np.int16)]
        for split in ("training", "validation")
        for kind in ("phrase", "sentence")
    }
    config = WakewordConfig("computer", sizes=Effort(training_hours=0.16, validation_hours=0.16))
    data = clips_of(Spoken(groups), config, FEATURES)  # type: ignore[arg-type]
    assert data.labels == ("_other_", "computer")
    assert data.synthetic
    for clips in data.splits.values():
        assert set(clips.labels.tolist()) == {0, 1}
        assert np.asarray(clips.audio).shape == (len(clips), 16_000)
    assert data.splits["validation"].files != data.splits["testing"].files
