"""Damaging what parsers read: bytes by chance, and JSON values by putting something else in one place."""

import copy
import random
from collections.abc import Iterator
from typing import Any

# What stands in the place of a value: other types, numbers at the ends of ranges, texts that act on a terminal.
WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 10**30, 0.5, -1e308, 1e308, 1e-308, "", "x", "[unk]", "\x1b[2J", "a\nb", [],
    [[]], [1, "x"], {}, {"x": 1}, {"x": {"y": []}}, "9" * 300,
)  # fmt: skip
Path = tuple[str | int, ...]


def places(value: Any, here: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value, its own first."""
    yield here
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inside:
        yield from places(child, (*here, key))


def damaged(value: Any, draw: random.Random) -> Any:
    """A JSON value with one or two of its places replaced, removed or doubled."""
    changed = copy.deepcopy(value)
    for _ in range(draw.choice((1, 1, 2))):
        changed = _changed(changed, draw)
    return changed


def _changed(value: Any, draw: random.Random) -> Any:
    place = draw.choice(list(places(value)))
    if not place:
        return copy.deepcopy(draw.choice(WRONG)) if draw.random() < 0.1 else value
    *above, key = place
    parent: Any = value
    for step in above:
        parent = parent[step]
    how = draw.randrange(4)
    if how == 0:
        del parent[key]
    elif how == 1 and isinstance(parent, list):
        parent.insert(int(key), copy.deepcopy(parent[int(key)]))
    else:
        parent[key] = copy.deepcopy(draw.choice(WRONG))
    return value


def damaged_bytes(content: bytes, draw: random.Random) -> bytes:
    """Bytes with a few bits, bytes, numbers or stretches changed, or cut short."""
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 4, 16))):
        at = draw.randrange(max(1, len(changed)))
        how = draw.randrange(7)
        if how == 0:
            changed[at : at + 1] = bytes([changed[at] ^ (1 << draw.randrange(8))]) if changed else b""
        elif how == 1:
            changed[at : at + 1] = draw.randbytes(1)
        elif how == 2:
            number = draw.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, draw.getrandbits(32)))
            changed[at : at + 4] = number.to_bytes(4, draw.choice(("little", "big")))
        elif how == 3:
            changed[at : at + draw.randrange(64)] = b""
        elif how == 4:
            changed[at:at] = changed[at : at + draw.randrange(64)]
        elif how == 5:
            changed[at : at + 8] = draw.randbytes(8)
        elif draw.random() < 0.3:
            del changed[at:]
    return bytes(changed)
