"""What a detector that was made from a phrase does and costs, as tables and sentences."""

from tfkws.intervals import LEVEL
from tfkws.units import (
    format_bytes,
    format_count,
    format_hourly,
    format_hourly_interval,
    format_interval,
    format_percent,
    format_points_interval,
    format_us,
)
from tfkws.views.table import Record, Table, number, table_of
from tfkws.views.training import network_name

PEOPLE = (
    "Judged on synthetic speech: synthesised voices that no training heard, in made-up rooms and noise, beside "
    "recorded speech where it was given. People will be heard less well; tfkws over-air judges recordings."
)
TOO_NARROW = "That of the misses is too narrow: each time that an utterance was laid counts as another."
RATES = (
    number("false accepts an hour, at most", "wanted_per_hour", lambda rate: f"{rate:g}"),
    number("threshold", "threshold", lambda value: f"{value:.3f}"),
    number("counted an hour", lambda row: hourly(row) if _known(row) else None),
    number(f"an hour, {LEVEL}", lambda row: _hourly_interval(row) if _known(row) else None),
    number("missed", lambda row: missed(row) if _known(row) else "no threshold gives it"),
    number(f"missed, {LEVEL}", lambda row: row["missed_interval"] if _known(row) else None, format_interval),
)


def detector_table(record: Record) -> Table:
    """Return the few numbers of a run: what its detector does where its threshold was chosen, and what it costs."""
    found, detector, times = record["validation"], record["detector"], record["times"]
    facts = {
        "missed": f"{missed(found)} {format_interval(found['missed_interval'])} of {found['utterances']}",
        "false accepts an hour": f"{hourly(found)} {_hourly_interval(found)}",
        "missed at so many an hour": _at_rates(record.get("rates", ())),
        "threshold": f"{detector['threshold']:.3f}, mean of {detector['window_ms']:.0f} ms",
        "network": f"{network_name(record['model'])}, window {record['window_s']:.1f} s",
        "MACs a window": format_count(record["macs"]),
        "int8 file": format_bytes(record["file_bytes"]),
        "arena on a microcontroller": arena(record),
        "an answer here": "" if record["latency_us"] is None else format_us(record["latency_us"]),
        "minutes": f"{minutes(times)}: {', '.join(f'{stage} {minutes({stage: times[stage]})}' for stage in times)}",
    }
    rows = tuple((name, value) for name, value in facts.items() if value)
    return Table(
        f"{record['settings']['phrase']!r}, int8",
        ("", "value"),
        rows,
        note=f"In brackets {LEVEL}. {TOO_NARROW} {PEOPLE}",
    )


def rates_table(record: Record) -> Table:
    """Return what each rate of false accepts an hour costs in misses, a row a rate; thresholds are 0..1."""
    hours = record["validation"]["false_accepts"]["hours"]
    said = sum(record["utterances"].get(f"validation {kind}", 0) for kind in ("phrase", "own"))
    note = (
        f"The lowest threshold with no more false accepts than that on {hours:.3g} h of validation tracks, which can "
        f"show {3 / hours:.2g} an hour or more (3 / hours). Intervals: Wilson's for misses, the exact one of a Poisson "
        f"count for false accepts. That of the misses is too narrow, since {said} utterances of the phrase were laid "
        f"{record['validation']['utterances']} times and each time counts as another."
    )
    return table_of("What a rate costs", RATES, record["rates"], note)


def network_sentence(record: Record) -> str:
    """Say which network it is and what it costs."""
    costs = [f"{format_count(record['macs'])} MACs", f"int8 file {format_bytes(record['file_bytes'])}"]
    costs.append(f"arena on a microcontroller {arena(record)}")
    if record["latency_us"] is not None:
        costs.append(f"an answer here {format_us(record['latency_us'])}")
    return f"{network_name(record['model'])} on windows of {record['window_s']:.1f} s: {', '.join(costs)}."


def arena(record: Record) -> str:
    """Return its size and where that comes from, or why there is none; runs of the first weeks counted maps alone."""
    size = record["arena_bytes"]
    how = record.get("arena", "maps alone")
    return str(how) if size is None else f"{format_bytes(size)}, {how}"


def gate_sentence(record: Record) -> str:
    """Say how far the int8 file's answers are from the trained network's."""
    gate = record["gate"]
    split = gate["splits"][gate["judged_on"]]
    verdict = "passed" if gate["passed"] else "REJECTED"
    before, after = (format_percent(split[name]) for name in ("reference_accuracy", "candidate_accuracy"))
    return (
        f"The int8 file beside the trained network, on {split['clips']} {gate['judged_on']} windows: "
        f"{format_percent(split['agreement'])} the same answers, accuracy {before} before and {after} after "
        f"({LEVEL} of the difference: {format_points_interval(split['difference_interval'])} points). "
        f"The gate allows {gate['gate_points']:g}: {verdict}."
    )


def missed(found: Record) -> str:
    """Return the share of phrases that were missed, in percent."""
    return format_percent(found["misses"] / max(1, found["utterances"]))


def hourly(found: Record) -> str:
    """Return false accepts an hour, and what they were counted from."""
    return format_hourly(found["false_accepts"]["events"], found["false_accepts"]["hours"])


def minutes(times: Record) -> str:
    """Return the minutes of some stages together."""
    return f"{sum(spent['seconds'] for spent in times.values()) / 60:.1f}"


def _hourly_interval(found: Record) -> str:
    interval = found["false_accepts"]["interval"]
    return "" if interval is None else format_hourly_interval(interval)


def _at_rates(rates: object) -> str:
    known = [each for each in rates if _known(each)] if isinstance(rates, (list, tuple)) else []
    shown = [f"{missed(each)} at {each['wanted_per_hour']:g}" for each in known]
    return ", ".join(shown)


def _known(rate: Record) -> bool:
    return rate["threshold"] is not None
