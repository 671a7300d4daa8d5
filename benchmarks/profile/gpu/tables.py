"""The tables of networks and of models."""

from benchmarks.profile.gpu.measured import NETWORKS, GpuTime
from benchmarks.profile.gpu.models import FittedModel, kernels_a_multiplying_operator
from benchmarks.profile.gpu.ranks import correlation_text, rank_correlation
from benchmarks.profile.gpu.study import SEED, Study, Values, only
from benchmarks.zoo_files import COMMANDS, WAKE_WORD
from tfkws.intervals import LEVEL
from tfkws.units import format_count, format_percent, format_us
from tfkws.views.table import Table


def networks_table(study: Study) -> Table:
    """Lay out every network on the three processors."""
    rows = []
    for name in NETWORKS:
        work, gpu = study.works[name], study.times.get(name)
        cells = ("", "", "", "", "", "")
        if gpu:
            cells = (
                f"{gpu.kernels:.0f}", format_us(gpu.latency_us), f"{format_us(gpu.p5_us)} to {format_us(gpu.p95_us)}",
                format_us(gpu.busy_us), format_percent(gpu.busy_us / gpu.latency_us, 0),
                f"{gpu.latency_us / gpu.kernels:.1f} µs",
            )  # fmt: skip
        both = (format_us(study.cpu_us[name]), format_count(study.instructions[name]))
        rows.append((name, format_count(work.macs), *both, *cells, "" if gpu is None else _remark(gpu)))
    columns = ("network", "MACs", "x86 core", "A53, instructions", "GPU kernels", "GPU, call to answer", "5 to 95 %",
               "kernels busy", "busy share", "a kernel", "remark")  # fmt: skip
    note = (
        f"One clip, float32. x86 core: TFLite, one thread. A53: TFLite on an emulated core, a count and never a time. "
        f"GPU: {study.card}, {study.runtime}. Empty: not measured."
    )
    return Table("The same networks on three processors", columns, tuple(rows), columns[1:10], note)


def _remark(gpu: GpuTime) -> str:
    remarks = {"others compiled beside it": not gpu.alone, "more kernels than counted": not gpu.all_counted}
    return ", ".join(remark for remark, holds in remarks.items() if holds)


def models_table(study: Study) -> Table:
    """Lay out the prices of each model and its errors."""
    rows = tuple(
        (
            model.title, ", ".join(_price(*pair) for pair in zip(model.terms, model.prices, strict=True)),
            str(len(model.measured)), format_percent(model.median_error, 0),
            format_percent(model.family_median_error, 0),
            correlation_text(rank_correlation(model.left_out, model.measured)),
        )
        for model in (study.cpu, *study.gpu)
    )  # fmt: skip
    columns = (
        "model of",
        "prices",
        "networks",
        "median error left out",
        "with its family",
        "rank correlation left out",
    )
    a_multiplying = kernels_a_multiplying_operator(study.works, study.times)
    note = (
        "Least squares of relative errors, no price below 0. Left out: predicted by a fit to all other networks; with "
        "its family: paper B's thirteen, which are one structure, all left out together. Kernels that were not counted "
        f"are {a_multiplying:.2f} for each convolution and dense layer. Rank correlation: Spearman's, with {LEVEL} "
        "bootstrap interval over networks."
    )
    return Table("Two machines, two prices", columns, rows, columns[2:], note)


def _price(term: str, price: float) -> str:
    if price == 0:
        return f"no cost of {term}s" if not term.startswith("byte") else "no cost of weights"
    if term == "MAC":
        return f"{1e-3 / price:.3g} GMAC/s"
    if term.startswith("byte"):
        return f"weights at {1e-3 / price:.3g} GB/s"
    return f"{format_us(price)} a {term}"


def left_out_table(study: Study) -> Table:
    """Lay out how far each network lies from what the others say of it."""
    models = (study.cpu, *study.gpu)
    rows = tuple(
        (name, *(cell for model in models for cell in (_off(model, model.left_out, name),
                                                       _off(model, model.family_left_out, name))))
        for name in NETWORKS
    )  # fmt: skip
    pairs = [(title, f"{title}, family out") for title in ("x86 core", "GPU, call to answer", "kernels busy")]
    columns = ("network", *(column for pair in pairs for column in pair))
    return Table("Predicted less measured, each network left out", columns, rows, columns[1:])


def _off(model: FittedModel, predicted: Values, name: str) -> str:
    return f"{100 * (predicted[name] / model.measured[name] - 1):+.0f} %" if name in model.measured else ""


def flops_as_proxy(study: Study) -> Table:
    """Lay out how well multiply-accumulates rank each time, among paper B's networks, paper A's, and all."""
    macs = {name: work.macs for name, work in study.works.items()}
    chosen = {"paper B's": COMMANDS, "paper A's": WAKE_WORD, "all": NETWORKS}
    rows = []
    for label, values in list(study.amounts().items())[-4:]:
        cells = []
        for names in chosen.values():
            own = only(values, names)
            cells += [correlation_text(rank_correlation(macs, own)), f"{max(own.values()) / min(own.values()):.1f}"]
        rows.append((label, *cells))
    columns = (
        "what",
        *(column for name in chosen for column in (f"{name} networks", f"{name}: largest over smallest")),
    )
    note = f"Spearman's rank correlation with MACs, {LEVEL} bootstrap interval over networks, and their number."
    return Table("Multiply-accumulates as a proxy", columns, tuple(rows), columns[2::2], note)


def falls(study: Study) -> dict[str, float]:
    """Return by how much MACs, kernel time and latency fall from the seed to kws12, as factors."""
    last = COMMANDS[-1]
    first, other = study.times[SEED], study.times[last]
    return {
        "MACs": study.works[SEED].macs / study.works[last].macs,
        "kernels busy": first.busy_us / other.busy_us,
        "call to answer": first.latency_us / other.latency_us,
        "x86 core": study.cpu_us[SEED] / study.cpu_us[last],
        "instructions": study.instructions[SEED] / study.instructions[last],
    }
