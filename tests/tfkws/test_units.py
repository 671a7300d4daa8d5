"""Numbers as people read them."""

import pytest

from tfkws.units import format_bytes, format_count, format_interval, format_percent, format_us


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (format_count(13_160_000), "13.2 M"),
        (format_count(999), "999"),
        (format_count(9_300_453_660), "9.3 G"),
        (format_bytes(2048), "2 KiB"),
        (format_bytes(100), "100 B"),
        (format_us(762.3), "762 µs"),
        (format_us(1520), "1.52 ms"),
        (format_us(2_500_000), "2.5 s"),
        (format_percent(0.7731), "77.3 %"),
        (format_interval((0.71, 0.8)), "[71.0, 80.0] %"),
    ],
)
def test_formats(text: str, expected: str) -> None:
    assert text == expected
