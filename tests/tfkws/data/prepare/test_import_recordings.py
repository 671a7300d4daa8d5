"""Importing recordings of every kind; whatever is damaged is named and left out."""

import errno
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.config import TaskConfig
from tfkws.data.audio.files import says_synthetic, write_clip
from tfkws.data.prepare.import_recordings import check_decoder, check_split_by, import_recordings
from tfkws.data.splits import speaker_of
from tfkws.data.task_data import load_task
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
    with pytest.raises(
        DataError,
        match=r"holds no .*\.flac, .*\.ogg, .*\.wav files",
    ):
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
    with pytest.raises(ConfigError, match="split by 'day'"):
        check_split_by("day")


def tone(path: Path, hz: float, form: str | None = None, subtype: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.3 * np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000)
    soundfile.write(path, samples, 16_000, format=form, subtype=subtype)


def pitches(folder: Path) -> list[int]:
    """Where each clip of a folder has its loudest frequency, in Hz."""
    return sorted(int(np.argmax(np.abs(np.fft.rfft(soundfile.read(path)[0])))) for path in folder.iterdir())


@pytest.mark.parametrize("word", ["_background_noise_", "hey", "_room_impulse_responses_"])
def test_recordings_of_one_name_stay_separate_clips(tmp_path: Path, word: str) -> None:
    for hz, name in ((300, "rain.wav"), (500, "rain.flac"), (700, "outside/rain.wav"), (900, "outside/rain.ogg")):
        tone(tmp_path / "in" / word / name, hz)
    for written, unchanged in ((4, 0), (0, 4)):
        result = import_recordings(tmp_path / "in", tmp_path / "out")
        assert (result.written, result.unchanged, result.skipped) == (written, unchanged, ())
        assert pitches(tmp_path / "out" / word) == [300, 500, 700, 900]
    tone(tmp_path / "in" / word / "a/rain.wav", 1100)  # sorts before the others, and takes no name from them
    assert import_recordings(tmp_path / "in", tmp_path / "out").written == 1
    assert pitches(tmp_path / "out" / word) == [300, 500, 700, 900, 1100]


def test_equal_names_in_two_sources_are_two_clips(tmp_path: Path) -> None:
    for source, hz in (("monday", 300), ("tuesday", 500)):
        tone(tmp_path / source / "hey/anna/1.wav", hz)
        assert import_recordings(tmp_path / source, tmp_path / "out").written == 1
    assert pitches(tmp_path / "out/hey") == [300, 500]


def test_what_libsndfile_decodes_is_read_and_the_rest_is_counted(tmp_path: Path) -> None:
    tone(tmp_path / "in/hey/anna/1.mp3", 300, "MP3")
    tone(tmp_path / "in/hey/anna/2.opus", 500, "OGG", "OPUS")
    tone(tmp_path / "in/hey/anna/3.AIFF", 700, "AIFF")
    (tmp_path / "in/hey/anna/4.m4a").write_bytes(b"\0\0\0\x20ftypM4A ")
    (tmp_path / "in/hey/anna/notes.txt").write_text("no audio")
    result = import_recordings(tmp_path / "in", tmp_path / "out")
    assert result.written == 3 and pitches(tmp_path / "out/hey") == [300, 500, 700]
    assert [file for file, _ in result.skipped] == ["hey/anna/4.m4a"] and "convert it" in result.skipped[0][1]


def test_links_are_followed_and_dead_ones_named(tmp_path: Path) -> None:
    tone(tmp_path / "disk/1.wav", 300)
    tone(tmp_path / "disk/more/2.wav", 500)
    (tmp_path / "in/hey").mkdir(parents=True)
    for name, goal in (
        ("1.wav", "disk/1.wav"),
        ("anna", "disk/more"),
        ("gone.wav", "nowhere.wav"),
        ("again", "in/hey"),
    ):
        (tmp_path / "in/hey" / name).symlink_to(tmp_path / goal)
    (tmp_path / "in/hey/self.wav").symlink_to("self.wav")
    (tmp_path / "in/hey/zero.wav").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "in/hey/pipe.wav")
    result = import_recordings(tmp_path / "in", tmp_path / "out")
    assert pitches(tmp_path / "out/hey") == [300, 500]
    assert {file: reason for file, reason in result.skipped} == {
        "hey/gone.wav": "it is a link that leads nowhere, not a file",
        "hey/pipe.wav": "it is a named pipe, not a file",
        "hey/self.wav": "it is a link that leads to itself, not a file",
        "hey/zero.wav": "it is a device, not a file",
    }


@pytest.mark.parametrize("target", ["in", "in/out", ".", "link"])
def test_an_import_into_itself_is_refused(tmp_path: Path, target: str) -> None:
    tone(tmp_path / "in/hey/1.wav", 300)
    (tmp_path / "link").symlink_to("in")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match="lie in each other"):
        import_recordings(tmp_path / "in", tmp_path / target)
    assert sorted(tmp_path.rglob("*")) == before


def test_names_that_are_no_text_do_not_stop_an_import(tmp_path: Path) -> None:
    tone(tmp_path / "in/hey/anna/1.wav", 300)
    folder = os.fsencode(tmp_path / "in")
    os.rename(folder + b"/hey/anna", folder + b"/hey/andr\xe9")
    os.mkdir(folder + b"/caf\xe9")
    tone(tmp_path / "a.wav", 500)
    os.rename(tmp_path / "a.wav", folder + b"/caf\xe9/1.wav")
    tone(tmp_path / "b.wav", 700)
    os.rename(tmp_path / "b.wav", folder + b"/hey/gr\xfcn_1.wav")
    result = import_recordings(tmp_path / "in", tmp_path / "out")
    assert result.written == 2 and pitches(tmp_path / "out/hey") == [300, 700]
    assert result.skipped == (("caf\\xe9/1.wav", "the name of its folder is not UTF-8 text; rename it"),)


def test_accents_are_composed_and_make_one_word_and_one_speaker(tmp_path: Path) -> None:
    tone(tmp_path / "in/cafe\u0301/Rene\u0301/1.wav", 300)
    tone(tmp_path / "in/caf\u00e9/Ren\u00e9/2.wav", 500)
    import_recordings(tmp_path / "in", tmp_path / "out")
    assert pitches(tmp_path / "out/caf\u00e9") == [300, 500]
    assert len({speaker_of(path.name) for path in clips(tmp_path / "out", "caf\u00e9")}) == 1


def test_two_imports_at_once_count_what_each_wrote(tmp_path: Path) -> None:
    for number in range(40):
        tone(tmp_path / f"in/hey/p{number}/1.wav", 300 + number)
    results = []
    run = lambda: results.append(import_recordings(tmp_path / "in", tmp_path / "out"))  # noqa: E731
    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.written for result in results) == 40 == len(clips(tmp_path / "out", "hey"))
    assert sum(result.unchanged for result in results) == 80


def test_one_speaker_is_told_and_split_by_file_on_request(tmp_path: Path) -> None:
    for number in range(60):
        tone(tmp_path / f"in/yes/yes_{number:03d}.wav", 300 + number)
        tone(tmp_path / f"in/no/{number}/1.wav", 300 + number)
    result = import_recordings(tmp_path / "in", tmp_path / "out")
    assert result.one_speaker == (("yes", "yes"),)
    with pytest.raises(DataError, match="split by speaker"):
        import_recordings(tmp_path / "in", tmp_path / "out", split_by="file")
    assert import_recordings(tmp_path / "in", tmp_path / "files", split_by="file").one_speaker == ()
    with pytest.raises(DataError, match="split by file"):
        import_recordings(tmp_path / "in", tmp_path / "files")
    task = TaskConfig("wake-word", ("yes",))
    with pytest.raises(DataError, match=r"all 60 clips of yes are of one speaker .*--split-by file"):
        load_task(tmp_path / "out", task)
    loaded = load_task(tmp_path / "files", task)
    assert loaded.manifest.to_dict()["split_by_file"] is True
    assert sum(count["yes"] for count in loaded.manifest.counts().values()) == 60


def test_a_full_disk_ends_an_import_and_leaves_no_half_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tone(tmp_path / "in/hey/1.wav", 300)

    def full(self: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as caught:
        import_recordings(tmp_path / "in", tmp_path / "out")
    assert str(caught.value.filename).startswith(str(tmp_path / "out/hey"))
    assert clips(tmp_path / "out", "hey") == []


def test_synthetic_clips_stay_marked_when_they_are_imported(tmp_path: Path) -> None:
    (tmp_path / "in" / "yes").mkdir(parents=True)
    for name, synthetic in (("made", True), ("recorded", False)):
        write_clip(
            tmp_path / "in" / "yes" / f"{name}.wav", np.full(16_000, 1 + synthetic, np.int16), synthetic=synthetic
        )
    import_recordings(tmp_path / "in", tmp_path / "some")
    assert sorted(says_synthetic(path) for path in (tmp_path / "some").glob("yes/*.wav")) == [False, True]
    (tmp_path / "in" / "SYNTHETIC_SPEECH.json").write_text("{}")
    import_recordings(tmp_path / "in", tmp_path / "all")
    assert [says_synthetic(path) for path in (tmp_path / "all").glob("yes/*.wav")] == [True, True]
