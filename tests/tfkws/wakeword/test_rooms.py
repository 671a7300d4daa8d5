import numpy as np
import pytest

from tfkws.wakeword.rooms import drawn_room


@pytest.mark.parametrize("seed", range(6))
def test_a_room_has_its_direct_sound_first_and_unit_energy(seed: int) -> None:
    room = drawn_room(np.random.default_rng(seed))
    assert np.sum(room.astype(np.float64) ** 2) == pytest.approx(1.0, abs=1e-5)
    assert np.argmax(np.abs(room)) == 0 or np.abs(room[0]) > 0.3


def test_the_tail_decays() -> None:
    rng = np.random.default_rng(7)
    rooms = [drawn_room(rng) for _ in range(20)]
    early = sum(float(np.sum(room[1 : len(room) // 4] ** 2)) for room in rooms)
    late = sum(float(np.sum(room[-len(room) // 4 :] ** 2)) for room in rooms)
    assert late < early / 20


def test_the_same_draw_gives_the_same_room() -> None:
    one, other = (drawn_room(np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one, other)
