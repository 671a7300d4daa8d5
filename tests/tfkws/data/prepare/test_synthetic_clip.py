"""One clip of a synthetic voice, and the voices that are drawn."""

from dataclasses import replace

import numpy as np
import pytest

from tfkws.config.quickstart import SynthesisSettings
from tfkws.data.prepare.espeak import ACCENTS, VoiceSetting
from tfkws.data.prepare.synthetic_clip import draw_voices, make_clips, speaker_id, trim
from tfkws.data.splits import split_of
from tfkws.errors import SynthesisError

VOICE = VoiceSetting("en-us", "f2", 50, 50, 160)


def test_a_word_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SynthesisError, match="does not fit into one second"):
        make_clips(VOICE, "antidisestablishmentarianism" * 3, 1, 0)


def test_slow_speech_is_spoken_again_faster() -> None:
    (clip,) = make_clips(replace(VOICE, rate_wpm=80), "thirteenthousand", 1, 0)
    assert len(trim(clip / 32768)) < 16_000


def test_ids_are_a_hash_of_the_setting() -> None:
    voices = draw_voices(150, 0)
    assert len(voices) == len(set(voices.values())) == 150
    assert all(speaker_id(voice) == name for name, voice in voices.items())
    assert {voice.accent for voice in voices.values()} == set(ACCENTS)
    assert list(draw_voices(150, 1)) != list(voices)
    assert draw_voices(10, 0).items() <= voices.items()


def test_default_voices_fill_all_splits() -> None:
    counts = {"training": 0, "validation": 0, "testing": 0}
    for name in draw_voices(SynthesisSettings().voices, 0):
        counts[split_of(f"{name}_nohash_0.wav")] += 1
    assert counts["training"] >= 120 and min(counts.values()) >= 10


def test_trimming_cuts_where_blocks_stay_forty_decibels_below() -> None:
    speech = np.concatenate([np.full(800, 0.009), np.full(1_600, 1.0), np.full(480, 0.011), np.full(320, 0.009)])
    np.testing.assert_array_equal(trim(speech), speech[800:2_880])
    np.testing.assert_array_equal(trim(np.zeros(1_000)), np.zeros(1_000))


def test_takes_differ_and_each_is_whole_and_unclipped() -> None:
    clips = make_clips(VOICE, "tree", 3, seed=1)
    assert all(clip.shape == (16_000,) and clip.dtype == np.int16 for clip in clips)
    assert len({clip.tobytes() for clip in clips}) == 3
    assert all(1_000 < np.abs(clip.astype(int)).max() < 32_767 for clip in clips)
    np.testing.assert_array_equal(make_clips(VOICE, "tree", 1, seed=1)[0], clips[0])
