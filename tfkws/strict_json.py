"""JSON of strangers, read within bounds: UTF-8 whatever the locale, no NaN, no half characters, no endless nesting."""

import json
import math
import re
from typing import Any, NoReturn

MAX_BYTES = 1 << 28  # of one text; the longest result files, with every sample of a measurement, are far below
MAX_DEPTH = 100  # of lists and objects in each other
LONGEST_WHOLE_NUMBER = 40  # digits; more turns into floats by an OverflowError somewhere else
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(text: bytes | str, max_bytes: int = MAX_BYTES) -> Any:
    r"""Parse JSON.

    Args:
        text: JSON; bytes are UTF-8, with or without a byte order mark.

    Raises:
        ValueError: it is not JSON, longer than `max_bytes`, nested too deep, or holds a number that is not finite, a
            whole number of more than `LONGEST_WHOLE_NUMBER` digits, or half of a surrogate pair.

    Example:
        >>> parse_json('{"a": [1, "\u00b5"]}'.encode())
        {'a': [1, 'µ']}
        >>> parse_json("[NaN]")
        Traceback (most recent call last):
        ...
        ValueError: NaN is no number
    """
    if len(text) > max_bytes:
        raise ValueError(f"it is longer than {max_bytes} bytes")
    plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        value = json.loads(plain, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
        if _HALF_CHARACTER.search(plain):
            _check_characters(value)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    _check_depth(value)
    return value


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is beyond the largest number")
    return value


def _whole(text: str) -> int:
    if len(text) > LONGEST_WHOLE_NUMBER:
        raise ValueError(f"{text[:20]}... has more than {LONGEST_WHOLE_NUMBER} digits")
    return int(text)


def _check_depth(value: Any) -> None:
    """Refuse what recursion over it would not end well."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inside = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, list | dict))
        level = [child for children in inside for child in children if isinstance(child, list | dict)]
        if not level:
            return
    raise ValueError("it is nested too deep")


def _check_characters(value: Any) -> None:
    """Refuse half of a surrogate pair, which cannot be written anywhere."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text in it holds half of a surrogate pair") from None
