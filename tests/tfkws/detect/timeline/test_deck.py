"""Recordings are dealt round by round."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.detect.timeline.deck import Deck
from tfkws.detect.timeline.recordings import Recording
from tfkws.errors import AudioError


def recordings(folder: Path, values: list[float]) -> list[Recording]:
    found = []
    for number, value in enumerate(values):
        path = folder / f"{number}.wav"
        soundfile.write(path, np.full(100, value), 16_000)
        found.append(Recording(path, path.name, "cat", str(number), "testing", "recorded"))
    return found


def dealt(deck: Deck, count: int) -> list[str]:
    files = []
    for _ in range(count):
        files.append(deck.look()[0].file)
        deck.take()
    return files


def test_each_comes_once_a_round_in_an_order_of_its_own(tmp_path: Path) -> None:
    found = recordings(tmp_path, [0.1] * 6)
    files = dealt(Deck(found, "a"), 18)
    rounds = [files[:6], files[6:12], files[12:]]
    assert all(sorted(each) == sorted(recording.file for recording in found) for each in rounds)
    assert rounds[0] != rounds[1]
    assert dealt(Deck(found, "a"), 18) == files != dealt(Deck(found, "b"), 18)


def test_looking_leaves_it_on_top(tmp_path: Path) -> None:
    deck = Deck(recordings(tmp_path, [0.1, 0.2]), "a")
    assert deck.look()[0] == deck.look()[0]


def test_what_cannot_be_heard_is_left_out(tmp_path: Path) -> None:
    found = recordings(tmp_path, [0.0, 0.1, 0.2])
    found[1].path.write_bytes(b"no audio")
    assert dealt(Deck(found, "a"), 3) == ["2.wav"] * 3


def test_a_deck_of_nothing_usable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="None of 2 recordings can be used: all are silent"):
        Deck(recordings(tmp_path, [0.0, 0.0]), "a").look()
