"""Which clips a split gets, under which label."""

from collections import Counter

from tfkws.config import TaskConfig
from tfkws.data.clip_index import word_of
from tfkws.data.protocols import PROTOCOLS, make_task
from tfkws.data.selection import select, silence_label
from tfkws.data.splits import SPLITS, split_of

WAKE = TaskConfig(protocol="wake-word", words=("yes",))


def test_wake_word_is_tested_on_at_most_187_and_620() -> None:
    files = tuple(f"{word}/{number:08x}_nohash_0.wav" for word in ("yes", "no", "cat", "dog") for number in range(3000))
    testing, training = select(files, WAKE, "testing"), select(files, WAKE, "training")
    assert Counter(label for _, label in testing.clips) == {"_other_": 620, "yes": 187}
    assert testing.silence_count == 0
    targets = sum(split_of(file) == "training" for file in files if word_of(file) == "yes")
    assert Counter(label for _, label in training.clips)["_other_"] == min(3 * targets, round(targets * 620 / 187))
    assert training.silence_count == round(targets / 10)


def names(word: str, count: int) -> tuple[str, ...]:
    return tuple(f"{word}/{number:08x}_nohash_0.wav" for number in range(count))


FILES = (*names("yes", 300), *names("no", 300), *names("cat", 300))


def test_shares_are_of_the_target_clips_of_the_split() -> None:
    task = TaskConfig("commands", ("yes", "no"), unknown_percent=20, silence_percent=30)
    for split in SPLITS:
        chosen = select(FILES, task, split)
        targets = sum(split_of(file) == split for file in (*names("yes", 300), *names("no", 300)))
        assert Counter(label for _, label in chosen.clips)["_unknown_"] == round(0.2 * targets)
        assert chosen.silence_count == round(0.3 * targets)
        assert {split_of(file) for file, _ in chosen.clips} == {split}


def test_a_test_set_is_taken_as_it_is() -> None:
    files = ("_silence_/a.wav", "_unknown_/b.wav", "dog/c.wav", "yes/d.wav")
    chosen = select(files[::-1], TaskConfig("commands", ("yes",)), "testing", is_test_set=True)
    assert chosen.clips == tuple(zip(files, ("_silence_", "_unknown_", "_unknown_", "yes"), strict=True))
    assert chosen.silence_count == 0


def test_the_list_protocol_tests_every_clip_of_the_list() -> None:
    chosen = select(FILES, make_task("commands-12-list"), "testing")
    assert [file for file, _ in chosen.clips] == sorted(file for file in FILES if split_of(file) == "testing")
    assert chosen.silence_count == 0


def test_silence_is_the_other_class_of_a_wake_word() -> None:
    assert silence_label(PROTOCOLS["wake-word"]) == "_other_"
    assert silence_label(PROTOCOLS["commands"]) == "_silence_"
