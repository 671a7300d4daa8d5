"""The networks on a GPU beside one core and an emulated one, and what decides the time on each.

    python -m benchmarks profile/gpu --tables

    python -m benchmarks profile/gpu --card h100 --trainings results/trainings

Nothing is measured here: a folder of artifacts/published/profile/gpu/ holds the records of one card, which
`python -m benchmarks gpu` makes on a machine that has one, and `origin.md`, which says how they came about.
--trainings takes in what was trained there, with what `tfkws evaluate` has said of each model folder since.
"""

import argparse
from pathlib import Path

from benchmarks.profile.gpu.figure import networks_figure
from benchmarks.profile.gpu.layer_tables import classes_table, layer_classes, layers_table, read_traces
from benchmarks.profile.gpu.litert_table import IN_FILE, litert_table
from benchmarks.profile.gpu.measured import RECORDS, read_untraced
from benchmarks.profile.gpu.paper_a_table2 import read_class_works
from benchmarks.profile.gpu.paper_tables import class_ranks, paper_a_ranks, paper_b_speedups
from benchmarks.profile.gpu.search_model import search_model
from benchmarks.profile.gpu.study import Study, read_study
from benchmarks.profile.gpu.tables import falls, flops_as_proxy, left_out_table, models_table, networks_table
from benchmarks.profile.gpu.trainings import take_in, trainings_table
from benchmarks.records import ARTIFACTS, say
from tfkws.report.plots import save_png
from tfkws.run_folder import write_json, write_text
from tfkws.units import format_percent, format_us
from tfkws.views.table import Table

ORIGIN, MODEL = "origin.md", "latency_model.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of taking in trainings."""
    parser.add_argument("--trainings", type=Path, help="folder of trainings that a machine sent back")
    parser.add_argument("--models", type=Path, default=ARTIFACTS / "gpu", help="their model folders")
    parser.add_argument("--card", default="", help="name of the card's folder")


def measure(options: argparse.Namespace) -> None:
    """Measure nothing; take in trainings where they are given.

    Raises:
        SystemExit: the card is not named, or there are no trainings.
        RunFolderError, BenchmarkError: a file is damaged, or no such record.
    """
    if options.trainings is None:
        return
    if not options.card or not (options.out / options.card).is_dir():
        raise SystemExit(f"--trainings needs --card, the name of a folder in {options.out}.")
    written = take_in(options.trainings, options.models, options.out / options.card)
    if not written:
        raise SystemExit(f"{options.trainings} holds no trainings; give the folder that the machine sent back.")
    for path in written:
        say(str(path))


def write_tables(folder: Path) -> None:
    """Write README.md, tables, figure and latency model of each card under `folder`."""
    for records in sorted(folder.glob(f"*/{RECORDS}")):
        write_card(records.parent)


def write_card(folder: Path) -> None:
    """Write everything of one card from its records."""
    study = read_study(folder)
    tables = measured_tables(study, folder) | (model_tables(study) if study.suffices else {})
    for stem, table in tables.items():
        write_text(folder / f"{stem}.csv", table.to_csv())
    if "layers" in tables:
        write_text(folder / "layer_classes.csv", classes_table(read_traces(folder), layer_classes).to_csv())
    save_png(networks_figure(study), folder / "networks.png")
    if study.suffices:
        model = search_model(study.works, study.times, study.card, study.runtime)
        write_json(folder / MODEL, model.to_dict())
        text = f"{_facts(study)}\n{_search_line(study)}"
    else:
        text = "Too few networks are measured on this card to fit its models and to judge them on networks left out."
    shown = [table.without(*IN_FILE) for table in tables.values()]
    told = [text, *_untraced(folder)]
    write_text(folder / "README.md", page(study, (folder / ORIGIN).read_text(), shown, told))


def measured_tables(study: Study, folder: Path) -> dict[str, Table]:
    """Return the tables of what was measured and trained, without those that nothing is there for."""
    found = {
        "networks": networks_table(study),
        "layers": layers_table(read_traces(folder), study.times, layer_classes),
        "litert": litert_table(folder),
        "trainings": trainings_table(folder),
    }
    return {stem: table for stem, table in found.items() if table is not None}


def model_tables(study: Study) -> dict[str, Table]:
    """Return the tables that need enough networks, by the stem of their file."""
    works = read_class_works()
    return {
        "models": models_table(study),
        "left_out": left_out_table(study),
        "paper_a_ranks": paper_a_ranks(study, works),
        "table2_classes": class_ranks(works),
        "paper_b_speedups": paper_b_speedups(study),
        "flops_as_proxy": flops_as_proxy(study),
    }


def page(study: Study, origin: str, tables: list[Table], text: list[str]) -> str:
    """Return the README of one card."""
    head = [f"# The same networks on {study.card}, on one core, on an emulated core", origin.rstrip()]
    figure = "![The same networks on three processors](networks.png)"
    made = "Written by `python -m benchmarks profile/gpu --tables`; what it means: `docs/why-slow-on-cpu.md`."
    return "\n\n".join([*head, made, figure, *text, *(table.to_markdown().rstrip() for table in tables)]) + "\n"


def _untraced(folder: Path) -> list[str]:
    """Return a sentence on networks whose kernels nobody recorded, if there are any."""
    times = [f"{name} ({format_us(median_us)})" for name, median_us in read_untraced(folder / RECORDS).items()]
    return [f"Call to answer without a trace of kernels, and so in no table: {', '.join(times)}."] if times else []


def _facts(study: Study) -> str:
    """Return sentences on the whole, computed from the records."""
    shares = [time.busy_us / time.latency_us for time in study.times.values()]
    each = [time.latency_us / time.kernels for time in study.times.values()]
    slower = [name for name, time in study.times.items() if time.latency_us > study.cpu_us[name]]
    fall = ", ".join(f"{name} {factor:.2f}" for name, factor in falls(study).items())
    return "\n".join(
        [
            f"- At one clip the card waits: kernels run {format_percent(min(shares), 0)} to "
            f"{format_percent(max(shares), 0)} of the time from call to answer, which is {min(each):.1f} to "
            f"{max(each):.1f} µs for each kernel.",
            f"- From the seed network to kws12, times smaller: {fall}.",
            f"- Slower on the GPU than on one x86 core: {_beside(study, slower)}.",
        ]
    )


def _beside(study: Study, names: list[str]) -> str:
    pairs = [f"{n} ({format_us(study.times[n].latency_us)} and {format_us(study.cpu_us[n])})" for n in names]
    return ", ".join(pairs) or "none"


def _search_line(study: Study) -> str:
    held = search_model(study.works, study.times, study.card, study.runtime).held_out
    return (
        f"- `{MODEL}` predicts a candidate of `tfkws search` from its operators, before anything is compiled: median "
        f"error on the {held.networks} networks, each left out, {format_percent(held.median, 0)}, rank correlation "
        f"{held.rank_correlation:.2f}, {format_percent(held.coverage, 0)} within a factor {1 + held.bound:.2f}."
    )
