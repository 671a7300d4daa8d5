"""why.md of artifacts/published/profile/: the numbers behind docs/why-slow-on-cpu.md, every one of them computed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.profile.call_model import CallModel, Work, fit_call_model, left_out_seconds
from benchmarks.zoo_files import WAKE_WORD
from tfkws.graphs.layer_kinds import OTHER
from tfkws.profiling.explain.profile_comparison import Facts, compare, facts_of
from tfkws.profiling.explain.roofline import bounded_steps, limits_of
from tfkws.profiling.explain.steps import Steps, layer_categories, read_steps
from tfkws.profiling.measure.layer_profile import mean
from tfkws.run_folder import write_text
from tfkws.units import format_bytes, format_count, format_percent, format_us
from tfkws.views.comparison import comparison_sentences
from tfkws.views.table import Table

PAPER_A_SECONDS = {  # Table 1, column Latency: M1 MacBook Pro, Raspberry Pi 4B
    "dscnn": (0.0376, 0.1507),
    "efficientnet_b1": (0.0855, 0.2826),
    "efficientnet_b7": (0.1460, 1.0435),
    "effnetv2_m": (0.0940, 0.8079),
    "effnetv2_xl": (0.1463, 1.6734),
    "densenet_bc_190_40": (0.3442, 3.6742),
    "mnasnet1_0": (0.0353, 0.1311),
    "cnn": (0.0173, 0.3723),
}
ASKED = (("cnn", "densenet_bc_190_40"), ("cnn", "efficientnet_b7"))
FEWEST_NETWORKS = 5  # three coefficients, one network left out, and one to spare
JOINS = ("CONCATENATION", "Concatenate")


def write_why(folder: Path, found: Mapping[str, Any]) -> None:
    """Write why.md from what is there."""
    blocks = [block for section in (_paper, _operators, _kinds, _fits, _comparisons) for block in section(found)]
    write_text(folder / "why.md", "\n\n".join(blocks) + "\n")


def _keras(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return layer profiles on a CPU, by backend."""
    stems = {stem: value for stem, value in found.items() if stem.startswith("layers-cpu-") and value["model"] == name}
    return {value["backend"]: value for value in stems.values()}


def _any_keras(found: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    return next(iter(_keras(found, name).values()), None)


def _work(profile: Mapping[str, Any]) -> Work:
    rows = profile["rows"]
    return Work(len(rows), sum(row["macs"] for row in rows), sum(row["weight_bytes"] for row in rows))


def _paper(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield paper A's latencies beside what each network asks for."""
    rows = []
    for name in WAKE_WORD:
        mac_s, pi_s = PAPER_A_SECONDS[name]
        profile = _any_keras(found, name)
        work = _work(profile) if profile else None
        asks = (str(work.calls), format_count(work.macs), format_bytes(work.weight_bytes)) if work else ("", "", "")
        each = f"{1e3 * pi_s / work.calls:.2f}" if work else ""
        rows.append((name, f"{mac_s:.4f}", f"{pi_s:.4f}", f"{pi_s / mac_s:.1f}", *asks, each))
    columns = ("network", "M1, s", "Pi 4B, s", "Pi / M1", "layers", "MACs", "weights", "Pi, ms a layer")
    yield (
        Table("Paper A's latencies, and what each network asks for", columns, tuple(rows), columns[1:])
        .to_markdown()
        .rstrip()
    )


def _steps(found: Mapping[str, Any], name: str, kind: str) -> Steps | None:
    profile, keras = found.get(f"operators-{name}-{kind}"), _any_keras(found, name)
    return read_steps(profile, layer_categories(keras) if keras else {}, name) if profile else None


def _operators(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the facts of every network as .tflite."""
    for kind in ("float32", "int8"):
        rows = []
        for name in WAKE_WORD:
            steps = _steps(found, name, kind)
            if steps is not None:
                profile = found[f"operators-{name}-{kind}"]
                rows.append(_fact_cells(name, facts_of(steps, bounded_steps(steps, limits_of(profile)))))
        columns = ("network", "kernels", "MACs", "moved", "weights", "MACs / byte", "whole", "GMAC/s", "without MACs",
                   "below the knee", "time there", "of the limits")  # fmt: skip
        note = (
            "kernels: operators that run. moved: inputs, weights and outputs of each, each once. without MACs: share "
            "of the time in operators that multiply nothing. below the knee: operators that bandwidth limits. of the "
            "limits: time at the machine's limits over the time taken."
        )  # fmt: skip
        yield (
            Table(f"TFLite operators, {kind}, one thread", columns, tuple(rows), columns[1:], note)
            .to_markdown()
            .rstrip()
        )


def _fact_cells(name: str, f: Facts) -> tuple[str, ...]:
    below = "" if f.below_knee_steps is None else str(f.below_knee_steps)
    time_below = "" if f.below_knee_us is None else format_percent(f.below_knee_us / f.steps_us)
    reached = "" if f.bound_us is None else format_percent(f.bound_us / f.steps_us)
    return (
        name, str(f.steps), format_count(f.macs), format_bytes(f.bytes_moved), format_bytes(f.weight_bytes),
        f"{f.macs_per_byte:.2f}", format_us(f.whole_us), f"{f.gmacs_per_s:.1f}",
        format_percent(f.without_macs_us / f.steps_us), below, time_below, reached,
    )  # fmt: skip


def _kinds(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the time of each network goes, joins apart from what else is "Other"."""
    rows = []
    for name in WAKE_WORD:
        steps = _steps(found, name, "float32")
        if steps is not None:
            times = _times(steps)
            rows.append((name, *(format_us(times[kind]) for kind in _KINDS)))
    yield Table("Time by kind of operator, float32", ("network", *_KINDS), tuple(rows), _KINDS).to_markdown().rstrip()


_KINDS = ("Conv2D", "DepthwiseConv2D", "Dense", "BatchNorm", "ReLU and kin", "pooling", "joins", "other")


def _times(steps: Steps) -> dict[str, float]:
    times = dict.fromkeys(_KINDS, 0.0)
    for step in steps.timed:
        kind = {"MaxPool": "pooling", "AveragePool": "pooling", OTHER: "other"}.get(step.category, step.category)
        times["joins" if step.what in JOINS else kind] += step.time_us
    return times


def _fits(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield latency as calls, MACs and weights: of paper A's two columns, and of our own uncut passes."""
    profiles = {name: profile for name in WAKE_WORD if (profile := _any_keras(found, name))}
    works = {name: _work(profile) for name, profile in profiles.items()}
    for i, label in enumerate(("M1", "Pi 4B")):
        yield from _fit_table(f"paper A, {label}", works, {name: PAPER_A_SECONDS[name][i] for name in works})
    for backend in ("tensorflow", "jax"):
        timed = {name: _keras(found, name)[backend] for name in works if backend in _keras(found, name)}
        for mode in ("eager", "compiled"):
            seconds = {name: _whole_s(profile, mode) for name, profile in timed.items()}
            yield from _fit_table(f"here, Keras on {backend}, {mode}", works, seconds)
    for kind in ("float32", "int8"):
        steps = {name: found_steps for name in works if (found_steps := _steps(found, name, kind))}
        kernels = {name: _kernel_work(value) for name, value in steps.items()}
        seconds = {name: value.whole_us / 1e6 for name, value in steps.items()}
        yield from _fit_table(f"here, TFLite {kind}", kernels, seconds)


def _kernel_work(steps: Steps) -> Work:
    timed = steps.timed
    return Work(len(timed), sum(step.macs for step in timed), sum(step.weight_bytes for step in timed))


def _whole_s(profile: Mapping[str, Any], mode: str) -> float:
    return mean([mean(trial) for trial in profile[f"whole_{mode}_us"]]) / 1e6


def _fit_table(label: str, works: Mapping[str, Work], seconds: Mapping[str, float]) -> Iterator[str]:
    if len(seconds) < FEWEST_NETWORKS:
        return
    model, left_out = fit_call_model(works, seconds), left_out_seconds(works, seconds)
    rows = tuple(
        (
            name, *(format_us(1e6 * part) for part in model.parts(works[name])),
            format_us(1e6 * model.seconds(works[name])), format_us(1e6 * seconds[name]),
            f"{100 * (model.seconds(works[name]) / seconds[name] - 1):+.0f} %",
            f"{100 * (left_out[name] / seconds[name] - 1):+.0f} %",
        )
        for name in seconds
    )  # fmt: skip
    columns = ("network", "calls", "MACs", "weights", "sum", "measured", "error", "error when left out")
    title = f"Latency as a sum of calls, MACs and weights: {label}"
    yield Table(title, columns, rows, columns[1:], _coefficients(model)).to_markdown().rstrip()


def _coefficients(model: CallModel) -> str:
    rate = f"{1e-9 / model.per_mac_s:.2g} GMAC/s" if model.per_mac_s else "no cost of MACs"
    weights = f"weights at {1e-9 / model.per_byte_s:.2g} GB/s" if model.per_byte_s else "no cost of weights"
    return (
        f"Fit: {format_us(1e6 * model.per_call_s)} a call, {rate}, {weights}; least squares of relative errors without "
        "negative coefficients. Left out: what a fit to the other networks says."
    )  # fmt: skip


def _comparisons(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what `tfkws compare` says of the pairs that paper A asks about."""
    for first, second in ASKED:
        for kind in ("float32", "int8"):
            one = found.get(f"operators-{first}-{kind}")
            other = found.get(f"operators-{second}-{kind}")
            if one and other:
                result = compare(one, other, names=(first, second))
                lines = "\n".join(f"- {sentence}" for sentence in comparison_sentences(result))
                yield f"**{second} (second) against {first} (first), TFLite {kind}**\n\n{lines}"
