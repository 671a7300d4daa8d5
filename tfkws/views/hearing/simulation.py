"""Simulated and counted over-the-air trials as tables, from `simulation-*.json` and from scored logs."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from tfkws.units import format_interval, format_percent, format_us, speech
from tfkws.views.table import Record, Table, number, table_of, text


def _seconds(value: float) -> str:
    return format_us(1e6 * value)


SIMULATIONS = (
    text("bundle", "bundle"),
    number("latency", "latency_s", _seconds),
    number("mean F1", "mean_f1", format_percent),
    number("95 %", "interval", format_interval),
    number("lost audio", "lost_share", format_percent),
    number("answer after", "median_delay_s", _seconds),
    number("at most", "longest_delay_s", _seconds),
    number("windows", "windows"),
    number("dropped", "dropped_windows"),
)


def simulations_table(results: Sequence[Record]) -> Table:
    """Return one row a bundle; `results` holds at least one, all of the same settings."""
    first = results[0]
    settings = first["settings"]
    device, trials, room = settings["device"], settings["trials"], settings["acoustics"]
    chunk = f"chunks of {device['chunk_ms']:g} ms" if device["chunk_ms"] else "sliding windows"
    title = f"{first['word']!r} over the air, simulated: {device['capture']} capture, {chunk}, {_speaker(trials)}"
    made_up = f"made-up room of {room['reverberation_s']:g} s"
    note = (
        f"{trials['subjects']} subjects ({speech(first['speech'] == 'synthetic')}, other words: "
        f"{', '.join(first['carriers'])}), {trials['trials']} trials of {trials['utterances']} sentences each; "
        f"{first['response'] or made_up}, {room['distance_m']:g} m, {room['snr_db']:g} dB above the noise. "
        f"Counted by {device['counting']}; intervals are over subjects and trials. Latency: {first['latency_source']}."
    )
    return table_of(title, SIMULATIONS, results, note)


def trials_table(result: Record) -> Table:
    """Return what was counted in each trial of one bundle."""
    way = result["settings"]["device"]["counting"]
    columns = (
        text("subject", "subject"),
        number("trial", "trial"),
        number("sentences", "utterances"),
        *(number(name.upper(), partial(_counted, way, name)) for name in ("tp", "fp", "fn", "tn")),
        number("lost audio", "lost_share", format_percent),
    )
    return table_of(f"Trials: {result['bundle']}", columns, result["trials"])


def counted_trials_table(counted: Record) -> Table:
    """Return a scored log: a row a subject, and the mean F1 over all, in percent."""
    rows = [
        (subject["subject"], str(subject["trials"]), *(str(subject[name]) for name in ("tp", "fp", "fn", "tn")),
         format_percent(subject["mean_f1"]))
        for subject in counted["subjects"]
    ]  # fmt: skip
    columns = ("subject", "trials", "TP", "FP", "FN", "TN", "mean F1")
    note = f"Mean F1 over subjects {format_percent(counted['mean_f1'])} {format_interval(counted['interval'])}."
    if "by_answers" in counted:
        other = counted["by_answers"]
        note += f" Counted by answers: {format_percent(other['mean_f1'])} {format_interval(other['interval'])}."
    return Table("Over-the-air trials", columns, tuple(rows), columns[1:], note)


def _counted(way: str, name: str, trial: Record) -> int:
    return int(trial["counts"][way][name])


def _speaker(trials: dict[str, Any]) -> str:
    if trials["speaker"] == "waiting":
        return "a sentence after each answer"
    return f"a sentence every {trials['period_s']:g} s"
