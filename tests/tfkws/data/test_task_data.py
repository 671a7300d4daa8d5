"""From a folder to labelled splits: what is in them, that nothing leaks or moves, and what bad folders say."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.config import TaskConfig
from tfkws.data.audio.files import read_clip, write_clip
from tfkws.data.clip_index import read_index, word_of
from tfkws.data.protocols import PROTOCOLS, make_task
from tfkws.data.splits import SPLITS, Split, split_of
from tfkws.data.task_data import load_task
from tfkws.errors import ConfigError, DataError

COMMANDS = TaskConfig(protocol="commands", words=("yes", "no"))
WAKE = TaskConfig(protocol="wake-word", words=("yes",))


def test_labels_stand_in_the_agreed_order(make_folder: Callable[..., Path]) -> None:
    assert load_task(make_folder(), COMMANDS).labels == ("yes", "no", "_unknown_", "_silence_")
    assert load_task(make_folder(), WAKE).labels == ("_other_", "yes")


def test_every_clip_has_its_own_audio_and_label(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    data = load_task(folder, COMMANDS)
    for clips in data.splits.values():
        assert len(clips.audio) == len(clips.labels) == len(clips.files) == len(clips.speakers) > 0
        for row, file in enumerate(clips.files):
            word = word_of(file)
            label = word if word in ("yes", "no", "_silence_") else "_unknown_"
            assert data.labels[clips.labels[row]] == label
            if word != "_silence_":
                np.testing.assert_array_equal(clips.audio[row], soundfile.read(folder / file, dtype="int16")[0])


def test_no_speaker_is_in_two_splits_and_all_words_follow_the_rule(make_folder: Callable[..., Path]) -> None:
    splits = load_task(make_folder(), COMMANDS).splits
    for name, clips in splits.items():
        assert all(split_of(file) == name for file in clips.files if not file.startswith("_silence_"))
    speakers = [set(clips.speakers) for clips in splits.values()]
    assert not (speakers[0] & speakers[1] or speakers[0] & speakers[2] or speakers[1] & speakers[2])


def test_draws_keep_their_share(make_folder: Callable[..., Path]) -> None:
    task = TaskConfig("commands", ("yes", "no"), unknown_percent=20, silence_percent=30)
    counts = load_task(make_folder(), task).manifest.counts()["training"]
    targets = counts["yes"] + counts["no"]
    assert counts["_unknown_"] == round(0.2 * targets)
    assert counts["_silence_"] == round(0.3 * targets)


def test_a_draw_never_moves_when_clips_are_added(make_folder: Callable[..., Path]) -> None:
    def unknown(folder: Path) -> set[str]:
        clips = load_task(folder, COMMANDS).splits["training"]
        return {file for file in clips.files if word_of(file) == "cat"}

    folder = make_folder()
    before = unknown(folder)
    extra = next(f"{n:08x}" for n in range(1000) if split_of(f"{n:08x}_nohash_0.wav") == "training")
    soundfile.write(folder / "cat" / f"{extra}_nohash_0.wav", np.zeros(16_000), 16_000)
    after = unknown(folder)
    assert len(before) == len(after) and len(before - after) <= 1


def test_seed_and_nothing_else_changes_the_draw(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    first, again = load_task(folder, COMMANDS), load_task(folder, COMMANDS)
    other = load_task(folder, TaskConfig("commands", ("yes", "no"), seed=1))
    assert first.manifest.digest == again.manifest.digest != other.manifest.digest
    np.testing.assert_array_equal(first.splits["testing"].audio, again.splits["testing"].audio)
    unknown, others = (
        [file for file in data.splits["training"].files if word_of(file) == "cat"] for data in (first, other)
    )
    in_order = sorted(file for file in read_index(folder).files if word_of(file) == "cat")
    assert unknown != others and unknown != in_order[: len(unknown)]


def test_wake_word_takes_all_test_clips_there_are_when_few(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    expected = sum(split_of(path.name) == "testing" for path in (folder / "yes").iterdir())
    assert load_task(folder, WAKE).manifest.counts()["testing"] == {"_other_": 2 * expected, "yes": expected}


def test_bad_clips_are_listed_and_the_rest_is_used(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    paths = sorted((folder / "yes").iterdir())
    paths[0].write_bytes(b"not a wav")
    paths[1].write_bytes(paths[1].read_bytes()[:5000])
    manifest = load_task(folder, COMMANDS).manifest
    assert [file for file, _ in manifest.skipped] == [f"yes/{paths[0].name}", f"yes/{paths[1].name}"]
    assert "truncated" in manifest.skipped[1][1]
    assert str(folder) not in json.dumps(manifest.to_dict())
    used = {row.file for rows in manifest.splits.values() for row in rows}
    assert not used & {file for file, _ in manifest.skipped}


def test_test_archive_is_taken_as_it_is(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(words=("yes", "no", "_unknown_", "_silence_"), speakers=9)
    data = load_task(folder, COMMANDS, splits=("testing",))
    assert data.manifest.counts() == {"testing": {"yes": 9, "no": 9, "_unknown_": 9, "_silence_": 9}}
    with pytest.raises(DataError, match="set of test clips"):
        load_task(folder, COMMANDS)


def test_list_protocol_tests_every_clip(make_folder: Callable[..., Path]) -> None:
    words = (*PROTOCOLS["commands-12-list"].words, "cat", "dog")
    folder = make_folder(words=words, speakers=60)
    counts = load_task(folder, make_task("commands-12-list")).manifest.counts()["testing"]
    speakers = sum(split_of(f.name) == "testing" for f in (folder / "yes").iterdir())
    assert counts["_unknown_"] == 2 * speakers and counts["_silence_"] == 0


def test_commands_10_has_ten_classes(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(words=(*PROTOCOLS["commands-10"].words, "cat"), speakers=60)
    data = load_task(folder, make_task("commands-10"))
    assert data.labels == PROTOCOLS["commands-10"].words
    assert not any(word_of(file) == "cat" for file in data.splits["training"].files)


def test_archive_protocol_asks_for_the_archive(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(words=PROTOCOLS["commands-12-archive"].words, speakers=30)
    with pytest.raises(DataError, match="commands-12-list"):
        load_task(folder, make_task("commands-12-archive"))


def test_folder_without_noises_gets_generated_ones(make_folder: Callable[..., Path]) -> None:
    data = load_task(make_folder(noises=False), COMMANDS)
    assert data.manifest.noise_files == ("generated_white", "generated_pink", "generated_brown")
    assert len(data.noises) == 3 and all(np.abs(noise).max() > 0.01 for noise in data.noises)


def test_synthetic_folder_says_so(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    assert not load_task(folder, COMMANDS).synthetic
    (folder / "SYNTHETIC_SPEECH.json").write_text("{}")
    data = load_task(folder, COMMANDS)
    assert data.synthetic and data.manifest.to_dict()["synthetic_speech"]
    assert all(clips.synthetic == clips.spoken > 0 for clips in data.splits.values())


def test_synthetic_clips_among_recorded_ones_are_counted(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    for path in folder.glob("no/*.wav"):
        write_clip(path, read_clip(path), synthetic=True)
    data = load_task(folder, COMMANDS)
    assert data.synthetic
    for clips in data.splits.values():
        assert clips.synthetic == sum(word_of(file) == "no" for file in clips.files) < clips.spoken


def test_bad_folders_and_words_say_what_is_there(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data folder"):
        load_task(tmp_path / "missing", COMMANDS)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="it is empty"):
        load_task(tmp_path / "empty", COMMANDS)
    folder = make_folder()
    with pytest.raises(DataError, match=r"no clips of sheila; it has cat \(60\)"):
        load_task(folder, TaskConfig("wake-word", ("sheila",)))
    with pytest.raises(ConfigError, match="takes one word"):
        load_task(folder, TaskConfig("wake-word", ("yes", "no")))
    with pytest.raises(ConfigError, match="There is no protocol"):
        load_task(folder, TaskConfig("commands-11", ("yes",)))
    with pytest.raises(ConfigError, match="use the protocol commands"):
        load_task(folder, TaskConfig("commands-10", ("yes",)))


def test_a_word_of_bad_clips_only_is_refused(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    for path in (folder / "yes").iterdir():
        path.write_bytes(b"x")
    with pytest.raises(DataError, match="no usable training clips of yes; none of the 60 clips of yes can be decoded"):
        load_task(folder, COMMANDS)


@pytest.mark.parametrize(("asked", "there"), [("caf\u00e9", "cafe\u0301"), ("cafe\u0301", "caf\u00e9")])
def test_a_word_is_found_however_its_accents_are_written(
    make_folder: Callable[..., Path], asked: str, there: str
) -> None:
    data = load_task(make_folder(words=(there, "no")), TaskConfig("wake-word", (asked,)))
    assert data.labels == ("_other_", "caf\u00e9")
    assert data.manifest.counts()["training"]["caf\u00e9"] > 0


@pytest.mark.parametrize("word", ["hey computer", "Computer", "gr\u00fc\u00df gott", "\u5c0f\u7231"])
def test_words_of_any_script_case_and_number_are_words(make_folder: Callable[..., Path], word: str) -> None:
    data = load_task(make_folder(words=(word, "no")), TaskConfig("wake-word", (word,)))
    assert data.labels == ("_other_", word) and data.manifest.counts()["testing"][word] > 0


def test_what_was_left_out_stands_in_the_manifest(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    (folder / "yes/a.m4a").write_bytes(b"")
    assert load_task(folder, COMMANDS).manifest.skipped[0][0] == "yes/a.m4a"


@pytest.mark.real_data
def test_real_clips_load(speech_commands: Path) -> None:
    task = make_task("commands", ("yes", "no", "up", "down", "left", "right", "go", "stop"))
    data = load_task(speech_commands, task)
    counts = data.manifest.counts()
    assert sum(counts["training"][word] for word in task.words) == 10_739
    assert not data.synthetic and len(data.noises) == 6


@pytest.mark.parametrize("split", SPLITS)
def test_a_wake_word_without_other_words_is_refused(make_folder: Callable[..., Path], split: Split) -> None:
    folder = make_folder(("yes",))
    with pytest.raises(DataError, match=f"no {split} clips of other words than yes, so that false accepts"):
        load_task(folder, TaskConfig("wake-word", ("yes",)), (split,))
