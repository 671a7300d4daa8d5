"""Reads XPlane, the protocol buffer in which JAX's and TensorFlow's profilers write a trace, with Python alone.

`jax.profiler.ProfileData` came with JAX 0.6 and TensorFlow's own classes move between its versions, so neither reads
the traces of every backend that may be installed; the fields below have been the same in all of them. Source:
`tsl/profiler/protobuf/xplane.proto`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tfkws.errors import ProfileParseError

# Field numbers.
SPACE_PLANES = 1
PLANE_NAME, PLANE_LINES, PLANE_EVENT_NAMES, PLANE_STAT_NAMES = 2, 3, 4, 5
LINE_NAME, LINE_START_NS, LINE_EVENTS, LINE_DISPLAY_NAME = 2, 3, 4, 11
EVENT_NAME, EVENT_OFFSET_PS, EVENT_DURATION_PS, EVENT_STATS = 1, 2, 3, 4
STAT_NAME, STAT_DOUBLE, STAT_UNSIGNED, STAT_SIGNED, STAT_TEXT, STAT_BYTES, STAT_REFERENCE = 1, 2, 3, 4, 5, 6, 7
ENTRY_KEY, ENTRY_VALUE, METADATA_NAME = 1, 2, 2

VARINT, FIXED64, MESSAGE, FIXED32 = 0, 1, 2, 5

Value = int | float | str


@dataclass(frozen=True)
class Event:
    """One thing that happened on a line.

    Attributes:
        start_ps, duration_ps: in picoseconds; starts of all lines of a trace count from the same moment.
        stats: what the profiler noted, by name.
    """

    name: str
    start_ps: int
    duration_ps: int
    stats: dict[str, Value]

    @property
    def end_ps(self) -> int:
        """When it ended."""
        return self.start_ps + self.duration_ps


@dataclass(frozen=True)
class Line:
    """A thread of the host, or a stream of a device; its events are read when they are asked for."""

    name: str
    start_ns: int
    raw_events: tuple[memoryview, ...]
    event_names: dict[int, str]
    stat_names: dict[int, str]

    def events(self) -> Iterator[Event]:
        """Yield the events in the order of the file.

        Raises:
            ProfileParseError: the trace is cut off or no XPlane.
        """
        for raw in self.raw_events:
            yield self._event(raw)

    def _event(self, raw: memoryview) -> Event:
        numbers = {EVENT_NAME: 0, EVENT_OFFSET_PS: 0, EVENT_DURATION_PS: 0}
        stats: dict[str, Value] = {}
        for field, value in fields(raw):
            if field == EVENT_STATS:
                name, stat = self._stat(_message(value))
                stats[name] = stat
            elif field in numbers:
                numbers[field] = _signed(value)
        start_ps = 1000 * self.start_ns + numbers[EVENT_OFFSET_PS]
        return Event(self.event_names.get(numbers[EVENT_NAME], ""), start_ps, numbers[EVENT_DURATION_PS], stats)

    def _stat(self, raw: memoryview) -> tuple[str, Value]:
        name = ""
        result: Value = 0
        for field, value in fields(raw):
            if field == STAT_NAME:
                name = self.stat_names.get(_signed(value), "")
            elif field == STAT_REFERENCE:
                result = self.stat_names.get(_signed(value), "")
            elif field == STAT_DOUBLE:
                result = struct.unpack("<d", _message(value))[0]
            elif field in (STAT_TEXT, STAT_BYTES):
                result = _text(value)
            elif field in (STAT_UNSIGNED, STAT_SIGNED):
                result = _signed(value)
        return name, result


@dataclass(frozen=True)
class Plane:
    """A device, or the host."""

    name: str
    raw: memoryview

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Threads or streams."""
        raw_lines: list[memoryview] = []
        tables: dict[int, dict[int, str]] = {PLANE_EVENT_NAMES: {}, PLANE_STAT_NAMES: {}}
        for field, value in fields(self.raw):
            if field == PLANE_LINES:
                raw_lines.append(_message(value))
            elif field in tables:
                tables[field].update([_name_entry(_message(value))])
        return tuple(_line(raw, tables[PLANE_EVENT_NAMES], tables[PLANE_STAT_NAMES]) for raw in raw_lines)


def read_planes(content: bytes) -> tuple[Plane, ...]:
    """Read a trace.

    Raises:
        ProfileParseError: it is cut off or no XPlane.
    """
    return tuple(_plane(_message(value)) for field, value in fields(memoryview(content)) if field == SPACE_PLANES)


def read_folder(folder: Path) -> tuple[Plane, ...]:
    """Read the newest trace that a profiler wrote below a folder.

    Raises:
        ProfileParseError: there is none, or it cannot be read.
    """
    files = sorted(folder.rglob("*.xplane.pb"))
    if not files:
        raise ProfileParseError("The profiler wrote no trace; another profiler may be running in this process.")
    return read_planes(files[-1].read_bytes())


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and raw value of each field: an int for a varint, the bytes for anything else.

    Source: https://protobuf.dev/programming-guides/encoding

    Example:
        >>> [(field, bytes(value)) if field == 2 else (field, value) for field, value in
        ...  fields(memoryview(bytes([0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69])))]
        [(1, 150), (2, b'hi')]
    """
    position = 0
    try:
        while position < len(message):
            key, position = _varint(message, position)
            kind = key & 7
            if kind == VARINT:
                value, position = _varint(message, position)
                yield key >> 3, value
                continue
            size, position = _varint(message, position) if kind == MESSAGE else (_FIXED[kind], position)
            if position + size > len(message):
                raise IndexError
            yield key >> 3, message[position : position + size]
            position += size
    except (IndexError, KeyError) as error:
        raise ProfileParseError("This trace is cut off, or no XPlane; trace again.") from error


_FIXED = {FIXED64: 8, FIXED32: 4}


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = message[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
        shift += 7


def _signed(value: int | memoryview) -> int:
    """Read a varint as the 64-bit two's complement that it stands for."""
    if isinstance(value, memoryview):
        raise ProfileParseError("This trace has text where a number belongs; trace again.")
    return value - (1 << 64) if value >= 1 << 63 else value


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ProfileParseError("This trace has a number where a message belongs; trace again.")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode(errors="replace")


def _plane(raw: memoryview) -> Plane:
    return Plane(next((_text(value) for field, value in fields(raw) if field == PLANE_NAME), ""), raw)


def _line(raw: memoryview, event_names: dict[int, str], stat_names: dict[int, str]) -> Line:
    name = display = ""
    start_ns = 0
    events: list[memoryview] = []
    for field, value in fields(raw):
        if field == LINE_EVENTS:
            events.append(_message(value))
        elif field == LINE_NAME:
            name = _text(value)
        elif field == LINE_DISPLAY_NAME:
            display = _text(value)
        elif field == LINE_START_NS:
            start_ns = _signed(value)
    return Line(name or display, start_ns, tuple(events), event_names, stat_names)


def _name_entry(raw: memoryview) -> tuple[int, str]:
    """Read an entry of a table of names: the key, and the name of the metadata that it points to."""
    entry = dict(fields(raw))
    metadata = dict(fields(_message(entry.get(ENTRY_VALUE, memoryview(b"")))))
    return _signed(entry.get(ENTRY_KEY, 0)), _text(metadata.get(METADATA_NAME, memoryview(b"")))
