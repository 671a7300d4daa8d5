"""The only place where numbers become text for people."""


def format_count(value: float) -> str:
    """Format a count with an SI suffix and three digits: 13160000 -> '13.2 M'."""
    for limit, suffix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{suffix}"
    return f"{value:.3g}"


def format_bytes(size_bytes: float) -> str:
    """Format a size in binary units: 2048 -> '2.00 KiB'."""
    for limit, suffix in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if abs(size_bytes) >= limit:
            return f"{size_bytes / limit:.3g} {suffix}"
    return f"{size_bytes:.0f} B"


def format_us(microseconds: float) -> str:
    """Format a time given in microseconds: 762.3 -> '762 µs', 1520 -> '1.52 ms'."""
    if abs(microseconds) >= 1e6:
        return f"{microseconds / 1e6:.3g} s"
    if abs(microseconds) >= 1e3:
        return f"{microseconds / 1e3:.3g} ms"
    return f"{microseconds:.3g} µs"


def format_percent(fraction: float) -> str:
    """Format a fraction in 0..1 as percent with one decimal: 0.7731 -> '77.3 %'."""
    return f"{100 * fraction:.1f} %"


def format_interval(interval: tuple[float, float]) -> str:
    """Format an interval of fractions as percent: (0.71, 0.8) -> '[71.0, 80.0] %'."""
    return f"[{100 * interval[0]:.1f}, {100 * interval[1]:.1f}] %"
