"""The folder of training clips, with tones in place of synthetic words."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from timeline_folders import RATE, WORDS, files_of, write_clips

from benchmarks.detectors import training_clips
from benchmarks.detectors.training_clips import make_folder
from tfkws.config import SynthesisSettings
from tfkws.data.clip_index import SYNTHETIC_MARKER, read_index
from tfkws.data.prepare.espeak import VoiceSetting
from tfkws.data.splits import split_of

BETWEEN = 40


def write_tones(folder: Path, settings: SynthesisSettings) -> None:
    for word in settings.words:
        (folder / word).mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / word / "00000000_nohash_0.wav", 0.1 * np.ones(RATE), RATE, subtype="PCM_16")
    (folder / SYNTHETIC_MARKER).write_text("{}")


def speak_two_seconds(text: str, voices: tuple[VoiceSetting, ...]) -> tuple[list[np.ndarray], int]:
    return [np.full(2 * 22_050, 1_000, np.int16) for _ in voices], 22_050


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that a training takes."""
    work = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_clips, "synthesize", write_tones)
        patch.setattr(training_clips, "speak", speak_two_seconds)
        patch.setattr(training_clips, "VOICES", 4)
        patch.setattr(training_clips, "BETWEEN", BETWEEN)
        return make_folder(write_clips(work / "recorded"), work / "made")


def test_it_holds_the_word_its_near_words_and_recorded_ones_and_says_that_it_is_synthetic(folder: Path) -> None:
    index = read_index(folder)
    assert index.is_synthetic
    words = index.clips_per_word()
    assert set(words) == {"computer", "sentence", "between", *WORDS, *training_clips.NEAR_WORDS}
    assert index.noises and index.responses


def test_seconds_of_sentences_overlap_by_half_and_are_named_by_their_voice(folder: Path) -> None:
    files = [path.name for path in (folder / "sentence").glob("*.wav")]
    assert sorted({name.split("_nohash_")[1] for name in files}) == ["0.wav", "1.wav", "2.wav"]
    assert len({name.split("_nohash_")[0] for name in files}) == 4
    samples, rate = soundfile.read(folder / "sentence" / files[0])
    assert (len(samples), rate) == (RATE, RATE)


def test_a_second_between_words_belongs_to_the_split_of_both(folder: Path) -> None:
    clips = sorted((folder / "between").glob("*.wav"))
    assert len(clips) == BETWEEN
    recorded = {split: files_of(split, "cat", folder) for split in ("training", "validation", "testing")}
    speakers = {split: {Path(file).name.split("_")[0] for file in files} for split, files in recorded.items()}
    for clip in clips:
        assert clip.name.split("_")[0] in speakers[split_of(f"between/{clip.name}")]


def test_what_is_there_is_not_written_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [*(folder / "between").glob("*.wav"), *(folder / "sentence").glob("*.wav")]
    before = [path.stat().st_mtime_ns for path in made]
    monkeypatch.setattr(training_clips, "synthesize", write_tones)
    make_folder(folder.parents[1] / "recorded", folder.parent)
    assert [path.stat().st_mtime_ns for path in made] == before
