"""Tables and figure of the study of lost audio, from its records alone."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.over_air.agreement import chance_of_as_much, explained, spearman
from benchmarks.over_air.paper_a import TABLE_1
from benchmarks.records import write_table
from tfkws.intervals import LEVEL
from tfkws.report.plots import COLOURS, new_figure, save_png
from tfkws.run_folder import read_json
from tfkws.units import format_percent, format_points, format_us
from tfkws.views.table import Table, number, table_of, text

Record = Mapping[str, Any]
Score = Callable[[str, str], float]  # simulated F1 of a network on a device
LISTENERS = {"detector": "the detector", "ideal": "idealised listener"}


def write_tables(folder: Path) -> None:
    """Write every table and the figure."""
    parts = {path.stem: read_json(path) for path in sorted(folder.glob("*.json"))}
    detector = _scores(parts["detector"], 1_000, "rhythm", "blocking")
    buffered = _scores(parts["detector"], 1_000, "rhythm", "buffered")
    write_table(folder, "networks", networks_table(detector, "Blocking capture"))
    write_table(folder, "buffered", networks_table(buffered, "Buffered capture"))
    write_table(folder, "models", models_table(parts))
    for stem, capture in (("sensitivity", "blocking"), ("sensitivity_buffered", "buffered")):
        write_table(folder, stem, sensitivity_table(parts[stem], capture))
    write_table(folder, "listener", listener_table(parts["listener"]))
    write_table(folder, "own", own_table(parts["own"]))
    write_table(folder, "resonances", resonances_table(parts["curve"]))
    for chunk_ms in (1_000, 500):
        save_png(curves_figure(parts["curve"], chunk_ms), folder / f"curves-{chunk_ms}.png")


def networks_table(score: Score, title: str) -> Table:
    """Return paper A's networks: its own fall beside the simulated one, with what the simulation leaves over."""
    rows = []
    for row in sorted(TABLE_1, key=lambda each: each.pi_s):
        ratio = score(row.name, "Pi") / score(row.name, "laptop")
        predicted = row.laptop_f1 * ratio
        rows.append(
            (
                row.name,
                format_us(1e6 * row.laptop_s),
                format_us(1e6 * row.pi_s),
                format_percent(row.laptop_f1),
                format_percent(row.pi_f1),
                format_percent(score(row.name, "laptop")),
                format_percent(score(row.name, "Pi")),
                format_percent(predicted),
                format_points(row.pi_f1 - predicted, 1),
            )
        )
    columns = (
        "network", "laptop", "Pi", "A: laptop F1", "A: Pi F1", "simulated: laptop", "simulated: Pi", "predicted: Pi",
        "A less predicted",
    )  # fmt: skip
    note = "Predicted: A's F1 on the laptop times the simulated ratio of Pi to laptop. Last column: points."
    return Table(f"{title}, chunks of 1 s, a sentence every 2 s", columns, tuple(rows), columns[1:], note)


def models_table(parts: Mapping[str, Any]) -> Table:
    """Return how well each model of device and speaker agrees with paper A's Pi column."""
    rows = []
    for part, name in LISTENERS.items():
        kinds = dict.fromkeys((row["chunk_ms"], row["speaker"], row["capture"]) for row in parts[part])
        for chunk_ms, speaker, capture in kinds:
            score = _scores(parts[part], chunk_ms, speaker, capture)
            rows.append((capture, speaker, f"{chunk_ms / 1_000:g} s", name, *_agreement(score)))
    columns = ("capture", "speaker", "chunk", "answers", *AGREEMENT)
    return Table("Models of device and speaker against paper A's Pi column", columns, tuple(rows), AGREEMENT, NOTE)


AGREEMENT = ("rank correlation", LEVEL, "by chance", "explained", "DenseNet", "EfficientNetV2-XL", "the other six")
NOTE = (
    "Rank correlation of simulated F1 with A's Pi column (Spearman; interval of Bonett and Wright; by chance: share of "
    "all orders that correlate as much). Explained: of the squared falls from laptop to Pi, 100 % is all, below 0 is "
    "worse than to predict no fall. Then A less predicted, in points; of the other six networks the mean."
)
SLOWEST = ("densenet_bc_190_40", "effnetv2_xl")


def _agreement(score: Score) -> tuple[str, ...]:
    simulated = [score(row.name, "Pi") for row in TABLE_1]
    predicted = [row.laptop_f1 * score(row.name, "Pi") / score(row.name, "laptop") for row in TABLE_1]
    measured = [row.pi_f1 for row in TABLE_1]
    correlation, interval = spearman(simulated, measured)
    left = {row.name: row.pi_f1 - guess for row, guess in zip(TABLE_1, predicted, strict=True)}
    others = [value for name, value in left.items() if name not in SLOWEST]
    return (
        f"{correlation:+.2f}",
        f"[{interval[0]:+.2f}, {interval[1]:+.2f}]",
        format_percent(chance_of_as_much(simulated, measured)),
        format_percent(explained([row.laptop_f1 for row in TABLE_1], measured, predicted), 0),
        *(format_points(left[name], 1) for name in SLOWEST),
        format_points(sum(others) / len(others), 1),
    )


def sensitivity_table(records: Sequence[Record], capture: str) -> Table:
    """Return the agreement with one choice changed after the other, with the idealised listener."""
    rows = []
    for record in records:
        scores = record["f1"]
        score = lambda network, place, scores=scores: float(scores[f"{network}, {place}"])  # noqa: E731
        rows.append((record["what"], record["value"], *_agreement(score)))
    columns = ("choice", "changed to", *AGREEMENT)
    return Table(f"Sensitivity: {capture} capture, idealised listener", columns, tuple(rows), AGREEMENT, NOTE)


def listener_table(record: Record) -> Table:
    """Return how often chunks were answered by 1, by the share of the word that they hold."""
    tenths = ("none", *(f"{10 * tenth} to {10 * tenth + 10} %" for tenth in range(10)))
    found = [record[part][chunk] for part in ("chunks", "chunks_at_own_threshold") for chunk in ("1000", "500")]
    rows = tuple(
        (tenth, str(found[0]["windows"][index]), *(format_percent(each["probabilities"][index]) for each in found))
        for index, tenth in enumerate(tenths)
    )
    own = record["detector"]["own_threshold"]
    columns = (
        "of the word",
        "chunks of 1 s",
        "1 s",
        "0.5 s",
        f"1 s, threshold {own:.3f}",
        f"0.5 s, threshold {own:.3f}",
    )
    title = f"Chunks answered by 1: {record['detector']['bundle']}, threshold {record['detector']['threshold']:g}"
    return Table(title, columns, rows, columns[1:])


def own_table(records: Sequence[Record]) -> Table:
    """Return the eight networks with the latencies of our files on this machine."""
    columns = (
        text("network", "network"),
        text("type", "type"),
        number("latency", "latency_s", lambda value: format_us(1e6 * value)),
        number("lost audio", "lost_share", format_percent),
        number("F1", "f1", format_percent),
        number("standard error", "standard_error", lambda value: format_points(value, 1).lstrip("+")),
    )
    title = "The same loop with our files' latencies here: blocking capture, idealised listener"
    return table_of(title, columns, records, "The standard error is in points.")


def resonances_table(records: Sequence[Record]) -> Table:
    """Return F1 where the loop takes 1, 1.5, 2, ... 6 s, for speakers with a sentence every 2 s."""
    latencies, *curves = records
    wanted = [curve for curve in curves if curve["chunk_ms"] == 1_000]
    rows = []
    for tenths in range(10, 61, 5):
        index = latencies["latency_s"].index(round(tenths / 10 - 1, 3))
        rows.append((f"{tenths / 10:g} s", *(format_percent(curve["f1"][index]) for curve in wanted)))
    columns = ("chunk and latency", *(f"{curve['speaker']}, {curve['capture']}" for curve in wanted))
    return Table("F1 by the length of the loop, chunks of 1 s, idealised listener", columns, tuple(rows), columns)


def curves_figure(records: Sequence[Record], chunk_ms: int) -> Any:
    """Return F1 against latency, with paper A's networks on both devices."""
    latencies, *curves = records
    figure, axis = new_figure(7.2, 4.2)
    for colour, curve in zip(COLOURS, (each for each in curves if each["chunk_ms"] == chunk_ms), strict=False):
        axis.plot(latencies["latency_s"], curve["f1"], color=colour, label=f"{curve['speaker']}, {curve['capture']}")
    axis.plot([row.pi_s for row in TABLE_1], [row.pi_f1 for row in TABLE_1], "k^", label="paper A, Pi")
    axis.plot([row.laptop_s for row in TABLE_1], [row.laptop_f1 for row in TABLE_1], "k.", label="paper A, laptop")
    axis.set(xlabel="latency, s", ylabel=f"mean F1, chunks of {chunk_ms / 1_000:g} s", ylim=(0, 1.02))
    axis.legend(fontsize=7, loc="lower left")
    return figure


def _scores(records: Sequence[Record], chunk_ms: int, speaker: str, capture: str) -> Score:
    chosen = {
        (row["network"], row["device"]): float(row["f1"])
        for row in records
        if (row["chunk_ms"], row["speaker"], row["capture"]) == (chunk_ms, speaker, capture)
    }
    return lambda network, place: chosen[network, place]
