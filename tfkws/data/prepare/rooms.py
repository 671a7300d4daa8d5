"""Simulated room responses, for augmentation where a folder has no measured ones: shoe-box rooms by pyroomacoustics."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ, to_int16, write_clip
from tfkws.data.clip_index import ROOM_RESPONSES
from tfkws.data.draws import keyed_generator
from tfkws.errors import RuntimeUnavailableError
from tfkws.partial_files import remove_leftovers
from tfkws.run_folder import write_new

_WALL_DISTANCE_M = 0.5
_HIGHEST_ORDER = 20  # of image sources; later echoes are 40 dB down in these rooms


@dataclass(frozen=True)
class Room:
    """A room with a speaker and a microphone.

    Sizes and places are in metres, the reverberation time (RT60) is in seconds.
    """

    size_m: tuple[float, ...]
    source_m: tuple[float, ...]
    microphone_m: tuple[float, ...]
    reverberation_s: float


def draw_room(number: int, seed: int) -> Room:
    """Draw a room of 3 x 2.5 x 2.3 to 8 x 6 x 3.2 metres, keyed by (seed, number).

    Its reverberation time is 0.2 to 0.6 seconds.
    """
    rng = keyed_generator(seed, "room", number)
    size = rng.uniform((3.0, 2.5, 2.3), (8.0, 6.0, 3.2))
    places = [rng.uniform(_WALL_DISTANCE_M, size - _WALL_DISTANCE_M) for _ in range(2)]
    source, microphone = (tuple(map(float, place)) for place in places)
    return Room(tuple(map(float, size)), source, microphone, float(rng.uniform(0.2, 0.6)))


def simulate_response(room: Room) -> np.ndarray:
    """Compute the response by image sources (Allen and Berkley 1979), walls' absorption by Sabine's formula.

    Returns:
        float32 (samples,) at 16 kHz, its largest value 0.9.

    Raises:
        RuntimeUnavailableError: pyroomacoustics is not installed.
    """
    try:
        import pyroomacoustics
    except ImportError:
        raise RuntimeUnavailableError(
            "Simulating rooms needs pyroomacoustics; run `pip install 'tfkws[rooms]'`, or put measured responses into "
            f"{ROOM_RESPONSES}/ of the data folder."
        ) from None
    absorption, order = pyroomacoustics.inverse_sabine(room.reverberation_s, room.size_m)
    box = pyroomacoustics.ShoeBox(
        room.size_m,
        fs=SAMPLE_RATE_HZ,
        materials=pyroomacoustics.Material(absorption),
        max_order=min(order, _HIGHEST_ORDER),
    )
    box.add_source(room.source_m)
    box.add_microphone(room.microphone_m)
    box.compute_rir()
    response = np.asarray(box.rir[0][0])
    return (0.9 * response / np.abs(response).max()).astype(np.float32)


def write_rooms(folder: Path, count: int, seed: int, progress: Callable[[int, int], None] | None = None) -> int:
    """Write the responses of `count` rooms into `folder/_room_impulse_responses_`; return how many were new.

    Args:
        progress: called with (rooms done, rooms in all), both int.
    """
    written = 0
    remove_leftovers(folder / ROOM_RESPONSES)
    for number in range(count):
        path = folder / ROOM_RESPONSES / f"simulated_{seed}_{number:03d}.wav"
        if not path.exists():
            response = simulate_response(draw_room(number, seed))
            written += write_new(path, partial(_write, to_int16(response)))
        if progress is not None:
            progress(number + 1, count)
    return written


def _write(samples: np.ndarray, path: Path) -> None:
    write_clip(path, samples)
