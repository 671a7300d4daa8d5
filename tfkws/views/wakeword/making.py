"""How a detector was made from a phrase: what was asked and said, rounds and times, as tables."""

from collections.abc import Iterator

from tfkws.printable import printable
from tfkws.units import format_bytes, format_count, format_exact, format_percent
from tfkws.views.table import Record, Table, facts_table, number, table_of, text

KINDS = {  # of utterances: what they are, and who says them
    "phrase": ("the phrase", "synthetic"),
    "own": ("the phrase, recordings of your own", "recorded"),
    "near": ("what sounds like it", "synthetic"),
    "sentence": ("sentences", "synthetic"),
    "recorded": ("recorded speech without it", "recorded"),
    "kept": ("what a detector was mistaken about", "recorded"),
    "noise": ("noises", "recorded"),
}
SAID = (
    text("what", "what"),
    text("speech", "speech"),
    number("training", "training", format_exact),
    number("validation", "validation", format_exact),
)
VOICES = (
    text("synthesiser", "engine"),
    number("voices in training", lambda row: row["voices"]["training"]),
    number("utterances", lambda row: row["utterances"]["training"]),
    number("voices in validation", lambda row: row["voices"]["validation"]),
    number("utterances there", lambda row: row["utterances"]["validation"]),
)
ROUNDS = (
    number("steps", "steps", format_exact),
    number("false accepts to learn from", "mined", format_exact),
    number("missed", "misses", format_percent),
    number("threshold", "threshold", lambda value: f"{value:.3f}"),
)
TIMES = (
    text("stage", "stage"),
    number("minutes", "seconds", lambda seconds: f"{seconds / 60:.1f}"),
    number("CPU minutes", "cpu_seconds", lambda seconds: f"{seconds / 60:.1f}"),
)


def asked_table(record: Record) -> Table:
    """Return what was asked for, without what was not."""
    settings, effort = record["settings"], record["settings"]["effort"]
    limits = record.get("limits", {})
    shown = {
        "max_macs": lambda macs: f"{format_count(macs)} MACs",
        "max_kib": lambda kib: format_bytes(1024 * kib),
        "max_arena_kib": lambda kib: f"arena {format_bytes(1024 * kib)}",
        "max_latency_us": lambda us: f"{us:g} µs",
    }
    facts = {
        "phrase": settings["phrase"],
        "pronunciation": settings["phonemes"],
        "language": settings["language"],
        "false accepts an hour": f"at most {settings['false_accepts_per_hour']:g}",
        "front end": settings["front_end"],
        "limits of the network": ", ".join(show(limits[name]) for name, show in shown.items() if limits.get(name)),
        "given besides": ", ".join(map(option_of, record["sources"])),
        "effort": f"{effort['training_hours']:g} h of tracks to learn from, {effort['validation_hours']:g} h for the "
        f"threshold, {format_exact(effort['steps'])} steps in {effort['rounds']} rounds",
        "seed": str(settings["seed"]),
    }
    return facts_table("What was asked", {name: printable(value) for name, value in facts.items() if value})


def option_of(source: str) -> str:
    """Return the option by which a folder was given.

    >>> option_of("speech"), option_of("earlier")
    ('--speech', '--from')
    """
    return "--from" if source == "earlier" else f"--{source}"


def said_tables(record: Record) -> Iterator[Table]:
    """Yield how many utterances there were of each kind, and whose voices, where the record tells."""
    counts = record["utterances"]
    rows = []
    for kind, (what, speech) in KINDS.items():
        found = {split: counts.get(f"{split} {kind}", 0) for split in ("training", "validation")}
        if any(found.values()):
            rows.append({"what": what, "speech": speech, **found})
    note = "Utterances. Each is laid on tracks many times, every time made to vary, in another room and noise."
    yield table_of("What was said", SAID, rows, note)
    if record.get("voices"):
        note = (
            "A voice: a speaker or a blend of two, at a pace, pitch and accent. No training hears a validation speaker."
        )
        yield table_of("In whose voices", VOICES, record["voices"], note)


def rounds_table(record: Record) -> Table:
    """Return a row a round of the training; thresholds are 0..1."""
    wanted = record["settings"]["false_accepts_per_hour"]
    note = (
        f"Missed: the mean share at several rates from {wanted:g} false accepts an hour upwards, by the network before "
        f"int8; the threshold is that for {wanted:g}. The weights of the best round are kept; rounds without a share "
        "were not judged."
    )
    return table_of("Rounds", ROUNDS, record["rounds"], note)


def times_table(record: Record) -> Table:
    """Return how long each stage took, all tries together."""
    times = record["times"]
    rows = [{"stage": stage, **spent} for stage, spent in times.items()]
    total = {key: sum(spent[key] for spent in times.values()) for key in ("seconds", "cpu_seconds")}
    return table_of("Times", TIMES, [*rows, {"stage": "all", **total}])
