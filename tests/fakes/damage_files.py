"""Damaging whole files so that the damage passes the first gate: JSON that parses, archives with right checksums."""

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

from damage import damaged, damaged_bytes, places

Mutate = Callable[[bytes, random.Random], bytes]
# What no value in Python writes as JSON, or not by itself; each stands for a text in the file.
MARK = "@mark@"
TEXTS = (
    "NaN", "Infinity", "1e999", "-1e999", "1" * 5_000, "[" * 150 + "]" * 150, "[" * 100_000, '{"a":' * 3_000,
    '"' + "x" * 100_000 + '"', '"\\ud800"', '"\\u0000"', '"\\u001b]0;x\\u0007"', '"\\u202e"', '"../../x"', '"%s{0}$x"',
    "1e308", "1e15", "9223372036854775808", "4294967296", "-0.0", '"2026-13-45T99:00"', "[0, 0, 0, 0, 0, 0]",
)  # fmt: skip
LINES = (
    "",
    "\t",
    "NaN\tNaN\tx",
    "\x1b[2J",
    "1e999\t1e999\tx",
    "x" * 70_000,
    "\ufeff",
    "\x00",
    "-1 -2 x",
    "\\",
    "," * 99,
)


def damaged_json(content: bytes, draw: random.Random) -> bytes:
    """A JSON file with places replaced, removed or doubled, or its bytes damaged."""
    try:
        sound = json.loads(content)
    except (ValueError, RecursionError):  # damaged before
        return damaged_bytes(content, draw)
    if draw.random() < 0.1:
        return damaged_bytes(content, draw)
    value = damaged(sound, draw)
    if draw.random() < 0.7:
        return json.dumps(value).encode()
    return json.dumps(_marked(value, draw)).replace(f'"{MARK}"', draw.choice(TEXTS), 1).encode()


def _marked(value: Any, draw: random.Random) -> Any:
    """The value with a mark in one of its places."""
    *above, last = draw.choice(list(places(value))[1:] or [()]) or [None]
    if last is None:
        return MARK
    parent = value
    for step in above:
        parent = parent[step]
    parent[last] = MARK
    return value


def damaged_lines(content: bytes, draw: random.Random) -> bytes:
    """A file of lines, JSON or not: lines damaged, doubled, removed, exchanged or put in between."""
    lines = content.split(b"\n")
    for _ in range(draw.choice((1, 1, 2, 3))):
        at, how = draw.randrange(len(lines)), draw.randrange(6)
        if how == 0:
            lines[at : at + 1] = []
        elif how == 1:
            lines.insert(draw.randrange(len(lines) + 1), lines[at])
        elif how == 2:
            lines.insert(at, draw.choice(LINES).encode())
        elif lines[at].startswith((b"{", b"[")) and draw.random() < 0.8:
            lines[at] = damaged_json(lines[at], draw)
        else:
            lines[at] = _damaged_line(lines[at], draw)
        lines = lines or [b""]
    return b"\n".join(lines)


def _damaged_line(line: bytes, draw: random.Random) -> bytes:
    """A line with a field replaced, or its bytes damaged."""
    between = b"\t" if b"\t" in line else b","
    fields = line.split(between)
    if len(fields) < 2 or draw.random() < 0.2:
        return damaged_bytes(line, draw)
    fields[draw.randrange(len(fields))] = draw.choice((*TEXTS, *LINES)).encode()
    return between.join(fields)


def damaged_archive(content: bytes, draw: random.Random) -> bytes:
    """A zip archive whose checksums are right, and one of whose members is damaged, gone or renamed."""
    if draw.random() < 0.1:
        return damaged_bytes(content, draw)
    members = _members(content)
    name, how = draw.choice(list(members)), draw.randrange(12)
    if how == 0:
        del members[name]
    elif how == 1:
        members[draw.choice(("../x", "/x", "x" * 300, "config.json/", "\x1b[2J"))] = members.pop(name)
    else:
        members[name] = _damaged_member(name, members[name], draw)
    return _archive(members, draw)


def damaged_bundle(content: bytes, draw: random.Random) -> bytes:
    """A bundle whose manifest names the digests of its members, one or two of which are damaged."""
    if draw.random() < 0.1:
        return damaged_archive(content, draw)
    members = _members(content)
    manifest = json.loads(members.pop("manifest.json"))
    for name in draw.sample(list(members), draw.choice((1, 1, 2))):
        members[name] = _damaged_member(name, members[name], draw)
        manifest["members"][name]["sha256"] = hashlib.sha256(members[name]).hexdigest()
    text = json.dumps(manifest).encode()
    return _archive(members | {"manifest.json": damaged_json(text, draw) if draw.random() < 0.1 else text}, draw)


def _damaged_member(name: str, member: bytes, draw: random.Random) -> bytes:
    if name.endswith(".json"):
        return damaged_json(member, draw)
    return (damaged_archive if name.endswith(".npz") else damaged_bytes)(member, draw)


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(members: dict[str, bytes], draw: random.Random) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return raw.getvalue()
