"""The reader against TensorFlow's own classes, and on what is no trace."""

import random
from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import ProfileParseError
from tfkws.profiling.trace.xplane import Event, read_folder, read_planes

xplane_pb2 = pytest.importorskip("tensorflow.tsl.profiler.protobuf.xplane_pb2")

TIMES = (0, 1, 127, 128, 300, 2**31, 2**40 + 5)


def random_space(seed: int) -> Any:
    """A space of two planes whose events have statistics of every kind."""
    draw = random.Random(seed)
    space = xplane_pb2.XSpace()
    for name in ("/host:CPU", "/device:GPU:0"):
        plane = space.planes.add(name=name)
        for number, text in enumerate(("double", "unsigned", "signed", "text", "bytes", "reference", "µs"), start=1):
            plane.stat_metadata[number].id = number
            plane.stat_metadata[number].name = text
        for number in range(1, 5):
            plane.event_metadata[number].id = number
            plane.event_metadata[number].name = f"kernel_{number}"
        for stream in range(3):
            line = plane.lines.add(name=f"Stream #{stream}", timestamp_ns=draw.choice(TIMES))
            for _ in range(draw.randrange(5)):
                add_event(line, draw)
    return space


def add_event(line: Any, draw: random.Random) -> None:
    event = line.events.add(
        metadata_id=draw.randint(1, 4), offset_ps=draw.choice(TIMES), duration_ps=draw.choice(TIMES)
    )
    event.stats.add(metadata_id=1, double_value=draw.random())
    event.stats.add(metadata_id=2, uint64_value=draw.choice(TIMES))
    event.stats.add(metadata_id=3, int64_value=-draw.choice(TIMES))
    event.stats.add(metadata_id=4, str_value="tfkws.3/conv ü")
    event.stats.add(metadata_id=5, bytes_value=b"abc")
    event.stats.add(metadata_id=6, ref_value=7)


def expected(space: Any) -> list[tuple[str, list[tuple[str, list[Event]]]]]:
    """What TensorFlow's classes read."""

    def value(plane: Any, stat: Any) -> Any:
        kind = stat.WhichOneof("value")
        read = getattr(stat, kind)
        return (
            plane.stat_metadata[read].name if kind == "ref_value" else read.decode() if kind == "bytes_value" else read
        )

    def event(plane: Any, line: Any, raw: Any) -> Event:
        stats = {plane.stat_metadata[stat.metadata_id].name: value(plane, stat) for stat in raw.stats}
        name = plane.event_metadata[raw.metadata_id].name
        return Event(name, 1000 * line.timestamp_ns + raw.offset_ps, raw.duration_ps, stats)

    return [
        (plane.name, [(line.name, [event(plane, line, raw) for raw in line.events]) for line in plane.lines])
        for plane in space.planes
    ]


@pytest.mark.parametrize("seed", range(5))
def test_every_field_is_read_as_tensorflow_reads_it(seed: int) -> None:
    space = random_space(seed)
    read = [
        (plane.name, [(line.name, list(line.events())) for line in plane.lines])
        for plane in read_planes(space.SerializeToString())
    ]
    assert read == expected(space)


def test_a_trace_that_is_cut_off_is_one_sentence() -> None:
    content = random_space(0).SerializeToString()
    for size in range(1, len(content), 7):
        try:
            for plane in read_planes(content[:size]):
                for line in plane.lines:
                    list(line.events())
        except ProfileParseError as error:
            assert "trace again" in str(error)
    with pytest.raises(ProfileParseError, match="cut off"):
        read_planes(content[:-1])


def test_a_number_in_place_of_a_message_is_one_sentence() -> None:
    with pytest.raises(ProfileParseError, match="a number where a message belongs"):
        read_planes(bytes([0x08, 0x01]))


def test_no_trace_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProfileParseError, match="another profiler may be running"):
        read_folder(tmp_path)


def test_the_newest_trace_of_a_folder(tmp_path: Path) -> None:
    for day, name in (("2026_01_01", "old"), ("2026_01_02", "new")):
        folder = tmp_path / "plugins" / "profile" / day
        folder.mkdir(parents=True)
        space = xplane_pb2.XSpace()
        space.planes.add(name=name)
        (folder / "vm.xplane.pb").write_bytes(space.SerializeToString())
    assert [plane.name for plane in read_folder(tmp_path)] == ["new"]
