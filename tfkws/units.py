"""The only place where numbers become text for people."""

from collections.abc import Sequence


def format_count(value: float) -> str:
    """Format a count with an SI suffix and three digits.

    Example:
        >>> format_count(13_160_000)
        '13.2 M'
        >>> format_count(999)
        '999'
    """
    for limit, suffix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{suffix}"
    return f"{value:.3g}"


def format_exact(count: int) -> str:
    """Format a whole number with all its digits, in groups of three.

    Example:
        >>> format_exact(2_656_768)
        '2,656,768'
    """
    return f"{count:,}"


def format_bytes(size_bytes: float) -> str:
    """Format a size given in bytes, in binary units with three digits.

    Example:
        >>> format_bytes(2048)
        '2 KiB'
        >>> format_bytes(29_920)
        '29.2 KiB'
    """
    for limit, suffix in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if abs(size_bytes) >= limit:
            return f"{size_bytes / limit:.3g} {suffix}"
    return f"{size_bytes:.0f} B"


def format_us(microseconds: float) -> str:
    """Format a time given in microseconds, with three digits.

    Example:
        >>> format_us(762.3)
        '762 µs'
        >>> format_us(1520)
        '1.52 ms'
    """
    if abs(microseconds) >= 1e6:
        return f"{microseconds / 1e6:.3g} s"
    if abs(microseconds) >= 1e3:
        return f"{microseconds / 1e3:.3g} ms"
    return f"{microseconds:.3g} µs"


def format_us_interval(interval: Sequence[float]) -> str:
    """Format an interval of times given in microseconds; a unit that both ends share is written once.

    Example:
        >>> format_us_interval((602, 638))
        '602–638 µs'
        >>> format_us_interval((985, 1020))
        '985 µs–1.02 ms'
    """
    low, high = map(format_us, interval)
    return f"{low.split()[0]}–{high}" if low.split()[1] == high.split()[1] else f"{low}–{high}"


def format_percent(fraction: float, digits: int = 1) -> str:
    """Format a fraction in 0..1 as percent.

    Example:
        >>> format_percent(0.7731)
        '77.3 %'
        >>> format_percent(0.7731, digits=0)
        '77 %'
    """
    return f"{100 * fraction:.{digits}f} %"


def format_change(fraction: float, digits: int = 1) -> str:
    """Format a relative change as percent with its sign.

    Example:
        >>> format_change(-0.0213)
        '-2.1 %'
    """
    return f"{100 * fraction:+.{digits}f} %"


def format_interval(interval: Sequence[float]) -> str:
    """Format an interval of fractions as percent.

    Example:
        >>> format_interval((0.71, 0.8))
        '[71.0, 80.0] %'
    """
    return f"[{100 * interval[0]:.1f}, {100 * interval[1]:.1f}] %"


def format_points(difference: float, digits: int = 2) -> str:
    """Format a difference of two fractions in percentage points, with its sign; the unit stands in the heading.

    Example:
        >>> format_points(-0.0033)
        '-0.33'
    """
    return f"{100 * difference:+.{digits}f}"


def format_points_interval(interval: Sequence[float], digits: int = 2) -> str:
    """Format an interval of differences of fractions in percentage points, with signs.

    Example:
        >>> format_points_interval((-0.0072, 0.0004))
        '[-0.72, +0.04]'
    """
    low, high = (format_points(end, digits) for end in interval)
    return f"[{low}, {high}]"


def format_rate(gmacs_per_s: float) -> str:
    """Format a rate given in GMAC/s, with one decimal; the unit stands in the heading.

    Example:
        >>> format_rate(20.84)
        '20.8'
    """
    return f"{gmacs_per_s:.1f}"


def format_flops(flops: float) -> str:
    """Format a count of floating-point operations as paper A does.

    Example:
        >>> format_flops(26_300_000)
        '2.63E+07'
        >>> format_flops(0)
        '0'
    """
    return f"{flops:.2E}" if flops else "0"


def format_shape(shape: Sequence[int]) -> str:
    """Format a shape.

    Example:
        >>> format_shape((40, 32, 1))
        '40x32x1'
    """
    return "x".join(map(str, shape))


def speech(synthetic: bool, some: int = 0, spoken: int = 0) -> str:
    """Say which kind of speech a score or a model comes from.

    Args:
        synthetic: whether any of it is.
        some, spoken: number of synthetic clips and of clips with speech, where they are known.

    Example:
        >>> speech(synthetic=True, some=12, spoken=40)
        '12 of 40 clips synthetic speech, the others recorded'
        >>> speech(synthetic=True)
        'synthetic speech'
        >>> speech(synthetic=False)
        'recorded speech'
    """
    if synthetic and 0 < some < spoken:
        return f"{some} of {spoken} clips synthetic speech, the others recorded"
    return "synthetic speech" if synthetic else "recorded speech"


def format_hourly(events: int, hours: float) -> str:
    """Format a rate of rare events with what it was counted from; the unit stands in the heading.

    Without an event the rate is not 0: it lies below 3 / hours (95 %, one-sided).

    Example:
        >>> format_hourly(5, 2.0)
        '2.5 (5 in 2 h)'
        >>> format_hourly(0, 2.0)
        'below 1.5 (0 in 2 h)'
    """
    if hours <= 0:
        return ""
    rate = f"{events / hours:.3g}" if events else f"below {3 / hours:.2g}"
    return f"{rate} ({events} in {hours:.3g} h)"


def format_hourly_interval(interval: Sequence[float]) -> str:
    """Format an interval of rates an hour, both ends float.

    >>> format_hourly_interval((0.812, 5.834))
    '[0.812, 5.83]'
    """
    return f"[{interval[0]:.3g}, {interval[1]:.3g}]"
