"""Tables and figures of artifacts/published/profile/, from the measurements that lie there."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.profile.why import write_why
from benchmarks.zoo_files import COMMANDS, WAKE_WORD
from tfkws.intervals import LEVEL
from tfkws.profiling.explain.category_table import CategoryRow, category_rows
from tfkws.profiling.explain.roofline import Roofline, reached_rates
from tfkws.profiling.explain.steps import Steps, layer_categories, read_steps
from tfkws.report.plots import save_png
from tfkws.report.profile_plots import roofline_figure, speedup_figure
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.units import format_count, format_us
from tfkws.views.layers import categories_side_by_side
from tfkws.views.table import Table

NETWORKS = (*WAKE_WORD, *COMMANDS)
TYPES = ("float32", "int8")
DRAWN = ("densenet_bc_190_40", "efficientnet_b7", "cnn", "dscnn")  # in the roofline figure
PAPER_B_SPEEDUPS = {"paper B, best on Exynos 5422 (Caffe): 1.85": 1.85, "paper B, best on GTX 1080Ti: 1.59": 1.59}


def write_tables(folder: Path) -> None:
    """Write every table that can be written from what is there."""
    found = read_folder(folder)
    write_table(folder, "latency", latency_table(found), latency_rows(found))
    write_speedups(folder, found)
    write_table(folder, "agreement", agreement_table(found))
    write_table2(folder, found)
    write_rooflines(folder, found)
    write_why(folder, found)


def read_folder(folder: Path) -> dict[str, Any]:
    """Read every measurement, by the stem of its file."""
    patterns = ("latency-*.json", "operators-*.json", "layers-*.json", "roofline.json")
    return {path.stem: read_json(path) for pattern in patterns for path in sorted(folder.glob(pattern))}


def write_table(folder: Path, stem: str, table: Table, rows: Any = None) -> None:
    """Write Markdown and CSV, and JSON with unrounded values where there are any."""
    write_text(folder / f"{stem}.md", table.to_markdown())
    write_text(folder / f"{stem}.csv", table.to_csv())
    if rows is not None:
        write_json(folder / f"{stem}.json", rows)


def latency_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row a network and number type, microseconds, each with its ratio to the seed network of its run."""
    rows = []
    for name, kind in ((n, k) for n in NETWORKS for k in TYPES if f"latency-{n}" in found):
        run = found[f"latency-{name}"]
        result, seed = run[f"{name}-{kind}"], run[f"seed_cnn-{kind}"]
        macs = sum(row["macs"] or 0 for row in found.get(f"operators-{name}-{kind}", {"rows": []})["rows"])
        rows.append({
            "name": name, "type": kind, "macs": macs, "size_bytes": result["size_bytes"],
            **{key: result[key] for key in ("median_us", "median_interval_us", "p95_us", "p99_us", "load_us", "runs")},
            "peak_rss_bytes": result["peak_rss_bytes"], "seed_us": seed["median_us"],
            "speedup_over_seed": seed["median_us"] / result["median_us"], "stable": not result["warnings"],
        })  # fmt: skip
    return rows


def latency_table(found: Mapping[str, Any]) -> Table:
    """Lay out the latency of all networks."""
    rows = tuple(
        (
            r["name"], r["type"], format_count(r["macs"]), format_us(r["median_us"]),
            " to ".join(map(format_us, r["median_interval_us"])), format_us(r["p95_us"]), format_us(r["load_us"]),
            f"{r['macs'] / r['median_us'] / 1e3:.1f}", f"{r['speedup_over_seed']:.2f}",
            "" if r["stable"] else "flagged",
        )
        for r in latency_rows(found)
    )  # fmt: skip
    columns = (
        "network",
        "type",
        "MACs",
        "median",
        LEVEL,
        "p95",
        "load",
        "GMAC/s",
        "speed-up over the seed",
        "stability",
    )
    return Table("Latency of one inference", columns, rows, columns[2:9], _conditions(found, "latency-"))


def _conditions(found: Mapping[str, Any], prefix: str) -> str:
    """Return machine and settings of the measurements, from the first of them."""
    first = next((value for stem, value in found.items() if stem.startswith(prefix)), None)
    if first is None:
        return "Nothing was measured yet."
    result = next(iter(first.values())) if prefix == "latency-" else first
    machine = result["before"] if "before" in result else result["machine"]
    return (
        f"{machine['cpu']} ({' '.join(machine['flags'])}), {result['threads']} thread, {result['runtime']} "
        f"{result['runtime_version']}, {result['kernels']} kernels. Random weights of one seed. Speed-ups are ratios "
        "of medians within one run in which the files took turns."
    )


def write_speedups(folder: Path, found: Mapping[str, Any]) -> None:
    """Write paper B's Figures 5 and 6 for this machine: the seed and kws1 to kws12."""
    rows = [row for row in latency_rows(found) if row["name"] in COMMANDS]
    cells = tuple(
        (
            name, format_count(by["float32"]["macs"]), format_us(by["float32"]["median_us"]),
            f"{by['float32']['speedup_over_seed']:.2f}", format_us(by["int8"]["median_us"]),
            f"{by['int8']['speedup_over_seed']:.2f}", f"{by['float32']['median_us'] / by['int8']['median_us']:.2f}",
        )
        for name, by in _by_name(rows)
    )  # fmt: skip
    columns = ("network", "MACs", "float32", "over the seed", "int8", "over the int8 seed", "int8 over float32")
    note = "Paper B reports at best 1.85 on an Exynos 5422 and 1.59 on a GTX 1080Ti, with Caffe in float32."
    write_table(folder, "speedup", Table("Speed-up over paper B's seed network", columns, cells, columns[1:], note))
    if rows:
        points = {
            kind: [(r["name"], r["macs"], r["speedup_over_seed"]) for r in rows if r["type"] == kind] for kind in TYPES
        }
        save_png(speedup_figure(points, PAPER_B_SPEEDUPS), folder / "speedup.png")


def _by_name(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    for name in dict.fromkeys(row["name"] for row in rows):
        yield name, {row["type"]: row for row in rows if row["name"] == name}


def agreement_table(found: Mapping[str, Any]) -> Table:
    """Lay out the sum of operators beside the unprofiled whole."""
    rows = []
    for stem, profile in found.items():
        if stem.startswith("operators-"):
            each = [f"{100 * difference:+.1f} %" for difference in profile["difference_trials"]]
            timed = [row for row in profile["rows"] if row["method"] != "folded"]
            alone = sum(row["method"] == "submodel" for row in timed)
            rows.append((
                stem.removeprefix("operators-"), str(len(timed)), str(alone), format_us(profile["whole_us"]),
                format_us(profile["sum_us"]), ", ".join(each), profile["explanation"], "; ".join(profile["warnings"]),
            ))  # fmt: skip
    columns = (
        "file",
        "operators",
        "by themselves",
        "whole",
        "sum",
        "difference, each trial",
        "explanation",
        "unmapped",
    )
    return Table("Sum of operators against the unprofiled whole", columns, tuple(rows), columns[1:6])


def steps_of(found: Mapping[str, Any], name: str) -> dict[str, tuple[Steps, dict[str, str]]]:
    """Return every profile of a network by a short label, and the categories of its Keras layers."""
    keras = {stem: value for stem, value in found.items() if stem.startswith("layers-") and value["model"] == name}
    layers = layer_categories(next(iter(keras.values()))) if keras else {}
    labelled: dict[str, tuple[Steps, dict[str, str]]] = {}
    for profile in keras.values():
        labelled[f"Keras {profile['device'].upper()} ({profile['backend']})"] = (read_steps(profile), {})
    for kind in TYPES:
        if f"operators-{name}-{kind}" in found:
            steps = read_steps(found[f"operators-{name}-{kind}"], layers, name)
            labelled[f"TFLite CPU {kind}"] = (steps, layers)
    return labelled


def write_table2(folder: Path, found: Mapping[str, Any]) -> None:
    """Write paper A's Table 2 for its eight networks: Keras layers and TFLite operators side by side."""
    tables, values = [], []
    for name in WAKE_WORD:
        columns = {
            label: category_rows(steps, True, layers) for label, (steps, layers) in steps_of(found, name).items()
        }
        if columns:
            tables.append(categories_side_by_side(name, columns))
            values += [_row_values(name, label, row) for label, rows in columns.items() for row in rows]
    note = (
        "Layers that run in one inference; time and FLOPS (a count: 2 x MACs) of one run of one of them; PAR is the "
        "share of the aggregate runtime. The equations are those of the paper's appendix. "
        "Depthwise convolutions stand apart; \"Other\" is sums, products, joins, reshapes and softmax. "
        "Folded layers are computed within others."
    )  # fmt: skip
    write_text(folder / "table2.md", "\n\n".join([*(table.to_markdown().rstrip() for table in tables), note]) + "\n")
    header = tuple(values[0]) if values else ()
    cells = tuple(tuple(str(value) for value in row.values()) for row in values)
    write_text(folder / "table2.csv", Table("", header, cells).to_csv())
    write_json(folder / "table2.json", values)


def _row_values(name: str, label: str, row: CategoryRow) -> dict[str, Any]:
    return {"network": name, "profile": label, **row.to_dict()}


def write_rooflines(folder: Path, found: Mapping[str, Any]) -> None:
    """Write the limits as a table, and draw the operators of a few networks under them."""
    if "roofline" not in found:
        return
    limits = Roofline.from_dict(found["roofline"])
    rows = tuple(
        (level.name, "" if level.capacity_bytes is None else f"{level.capacity_bytes >> 10} KiB",
         f"{level.copy_bytes_per_s / 1e9:.1f}", f"{level.read_bytes_per_s / 1e9:.1f}",
         *(f"{limits.knee(kind, level):.2f}" for kind in TYPES)) for level in limits.levels
    )  # fmt: skip
    columns = ("level", "capacity", "copy, GB/s", "read, GB/s", "knee float32, MACs/B", "knee int8, MACs/B")
    peaks = ", ".join(
        f"{kind} {limits.peak_macs_per_s[kind] / 1e9:.1f} GMAC/s ({limits.peak_shapes[kind]})" for kind in TYPES
    )
    note = (
        f"Peak rates through the runtime: {peaks}; NumPy's float32 product reaches "
        f"{limits.numpy_macs_per_s / 1e9:.1f}. An operator without work costs {1e3 * limits.operator_us:.0f} ns. "
        f"{limits.machine['cpu']}, {limits.when}."
    )
    write_table(folder, "roofline", Table("Limits of the machine", columns, rows, columns[1:], note))
    for kind in TYPES:
        operators = {name: _points(found, name, kind, limits) for name in DRAWN if f"operators-{name}-{kind}" in found}
        if operators:
            title = f"Operators under {limits.machine['cpu']}'s limits, one thread, {kind}"
            save_png(roofline_figure(limits, kind, operators, title), folder / f"roofline-{kind}.png")


def _points(found: Mapping[str, Any], name: str, kind: str, limits: Roofline) -> list[tuple[float, float]]:
    """Return (MACs a byte, GMAC/s) of the operators that multiply."""
    steps = read_steps(found[f"operators-{name}-{kind}"])
    return reached_rates(steps, limits)
