"""Changing a detector's settings while it listens: by one key, or by a line of JSON from a program."""

from dataclasses import replace
from typing import Any

from tfkws.config import DetectorConfig
from tfkws.errors import ConfigError
from tfkws.strict_json import parse_json

QUIT = "q"
KEYS = {
    "+": ("threshold", 0.05),
    "-": ("threshold", -0.05),
    ">": ("window_ms", 100.0),
    "<": ("window_ms", -100.0),
    "]": ("refractory_ms", 250.0),
    "[": ("refractory_ms", -250.0),
}
HELP = "+ - threshold   < > smoothing   [ ] refractory time   q quit"
LONGEST_LINE = 4_096


def by_key(settings: DetectorConfig, key: str) -> DetectorConfig:
    """Return the settings that a key makes of `settings`; the same where it would lead out of range, or is none.

    Example:
        >>> by_key(DetectorConfig(threshold=0.5), "+").threshold
        0.55
    """
    if key not in KEYS:
        return settings
    name, step = KEYS[key]
    try:
        return _changed(settings, {name: round(getattr(settings, name) + step, 3)})
    except ConfigError:
        return settings


def by_line(settings: DetectorConfig, line: str) -> DetectorConfig:
    """Return the settings that a line such as `{"threshold": 0.7}` makes of `settings`.

    Raises:
        ConfigError: the line is no JSON object, or a setting is unknown or out of range.
    """
    try:
        values: Any = parse_json(line[:LONGEST_LINE])
    except ValueError as error:
        raise ConfigError('A line of settings must be a JSON object such as {"threshold": 0.7}.') from error
    if not isinstance(values, dict):
        raise ConfigError('A line of settings must be a JSON object such as {"threshold": 0.7}.')
    return _changed(settings, values)


def _changed(settings: DetectorConfig, values: dict[str, Any]) -> DetectorConfig:
    """The settings with `values`; a threshold that is changed by hand was not found on audio any more."""
    changed = DetectorConfig.from_dict(replace(settings, found=None).to_dict() | values)
    return changed if "threshold" in values else replace(changed, found=settings.found)
