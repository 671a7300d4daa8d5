"""Simulated responses by what physics says of them."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyroomacoustics")

from tfkws.data.audio.files import read_resampled
from tfkws.data.prepare.rooms import Room, draw_room, simulate_response, write_rooms

ROOMS = [draw_room(number, 0) for number in range(6)]


def reverberation_s(response: np.ndarray) -> float:
    """RT60 by Schroeder's backward integration, fitted from -5 to -25 dB."""
    decay_db = 10 * np.log10(np.cumsum(response[::-1].astype(float) ** 2)[::-1] / np.sum(response.astype(float) ** 2))
    inside = np.flatnonzero((decay_db < -5) & (decay_db > -25))
    return -60 / (np.polyfit(inside, decay_db[inside], 1)[0] * 16_000)


@pytest.mark.parametrize("room", ROOMS)
def test_speaker_and_microphone_stand_in_the_room(room: Room) -> None:
    for place in (room.source_m, room.microphone_m):
        assert all(0.5 <= x <= size - 0.5 for x, size in zip(place, room.size_m, strict=True))


def test_direct_sound_comes_after_its_way() -> None:
    """In two rooms that differ in the speaker's place only, the peak moves by the difference of the ways."""
    size, microphone = (7.0, 5.0, 3.0), (1.0, 1.9, 1.3)
    near, far = (simulate_response(Room(size, (x, 1.9, 1.3), microphone, 0.2)) for x in (2.0, 3.5))
    assert np.argmax(np.abs(far)) - np.argmax(np.abs(near)) == pytest.approx(1.5 / 343 * 16_000, abs=2)


@pytest.mark.parametrize("seconds", [0.25, 0.5])
def test_reverberation_is_about_what_was_asked_for(seconds: float) -> None:
    """Sabine's formula is known to be off by some tens of percent in small rooms."""
    response = simulate_response(Room((6.0, 5.0, 3.0), (2.0, 2.0, 1.5), (4.5, 3.5, 1.2), seconds))
    assert reverberation_s(response) == pytest.approx(seconds, rel=0.4)


def test_responses_are_written_once_and_repeat(tmp_path: Path) -> None:
    assert write_rooms(tmp_path, 2, seed=0) == 2
    assert write_rooms(tmp_path, 3, seed=0) == 1
    paths = sorted((tmp_path / "_room_impulse_responses_").iterdir())
    assert len(paths) == 3 and [path.name for path in islice(paths, 1)] == ["simulated_0_000.wav"]
    np.testing.assert_allclose(read_resampled(paths[1]), simulate_response(ROOMS[1]), atol=2e-5)
