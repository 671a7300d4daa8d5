"""Latency as tables, from `benchmark-*.json` (every run) and `binary-*.json` (TFLite's own program)."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tfkws.intervals import LEVEL
from tfkws.units import format_bytes, format_us, format_us_interval
from tfkws.views.table import Column, Record, Table, number, table_of, text

LATENCY = (
    number("median", "median_us", format_us),
    number(LEVEL, "median_interval_us", format_us_interval),
    number("p95", "p95_us", format_us),
    number("p99", "p99_us", format_us),
)
CONDITIONS = (
    number("runs", "runs"),
    number("threads", "threads"),
    text("kernels", "kernels"),
    text("runtime", lambda result: f"{result['runtime']} {result['runtime_version']}"),
    text("target", lambda result: target_of(result)),
    number("load", "load_us", format_us),
    number("memory", lambda result: result["peak_rss_bytes"] - result["rss_before_bytes"], format_bytes),
)
LEFT_OUT_FIRST = ("kernels", "threads", "p99", "target", "runtime", "memory", "load", "runs")  # if narrow, from behind
BINARY = (
    number("mean", "mean_us", format_us),
    number("shortest", lambda result: min(each["min_us"] for each in result["processes"]), format_us),
    number("longest", lambda result: max(each["max_us"] for each in result["processes"]), format_us),
    number("mean of each process", lambda result: ", ".join(format_us(p["mean_us"]) for p in result["processes"])),
    number("threads", "threads"),
    text("kernels", "kernels"),
    number("load", lambda result: result["processes"][0]["init_us"], format_us),
)
GPU = (
    number("without transfer", lambda result: _told(result, "without_transfer", "median_us"), format_us),
    number("p95 without", lambda result: _told(result, "without_transfer", "p95_us"), format_us),
    number("first call", lambda result: _told(result, "first_call_us"), format_us),
    number("differs from the CPU by", lambda result: _told(result, "largest_difference"), "{:.1g}".format),
)
DISTINCTIONS: tuple[Callable[[Record], str], ...] = (
    lambda result: f"{result['kernels']} kernels",
    lambda result: f"{result['threads']} threads",
    lambda result: str(result.get("runtime", "")),
    lambda result: target_of(result),
)


def _told(result: Record, *names: str) -> Any:
    """What a result says about its GPU; None on a CPU."""
    value: Any = result.get("acceleration")
    for name in names:
        value = value[name] if value else None
    return value


def adapter_of(result: Record) -> str:
    """Return the GPU that computed, empty for a CPU; of a program on the processor it says so.

    Example:
        >>> adapter_of({"acceleration": {"adapter": {"name": "llvmpipe", "software": True}, "precision": "half"}})
        'llvmpipe (software adapter), half'
    """
    adapter = _told(result, "adapter")
    if adapter is None:
        return ""
    software = " (software adapter)" if adapter["software"] else ""
    precision = _told(result, "precision")
    return f"{adapter['name']}{software}, {precision}"


GPU_NOTE = (
    "On a GPU, latency is with transfer of input and output, and memory is the process', not the card's; operators "
    "that the accelerator refuses run on the CPU. Times of a software adapter say nothing about a GPU."
)


def _gpu_note(results: Sequence[Record]) -> str:
    """Which adapters computed, with their drivers, and what the figures mean; empty for a CPU."""
    told = [f"{adapter_of(each)}, {each['acceleration']['adapter']['driver']}" for each in results if adapter_of(each)]
    return f" GPU: {'; '.join(dict.fromkeys(told))}. {GPU_NOTE}" if told else ""


def target_of(result: Record) -> str:
    """Return where a result was measured; results of the first version do not name it and are of "local"."""
    return str(result.get("target", "local"))


def run_labels(results: Sequence[Record]) -> list[str]:
    """Return a label for each result, no two alike: the file, and what differs between several results of one file.

    Example:
        >>> first = {"model": "int8.tflite", "kernels": "xnnpack", "threads": 1}
        >>> run_labels([first, first | {"kernels": "builtin"}, first | {"model": "none.tflite"}])
        ['int8.tflite, xnnpack kernels', 'int8.tflite, builtin kernels', 'none.tflite']
    """
    return _numbered([_label(result, results) for result in results])


def _label(result: Record, results: Sequence[Record]) -> str:
    same_file = [other for other in results if other["model"] == result["model"]]
    differing = [say(result) for say in DISTINCTIONS if len({say(other) for other in same_file}) > 1]
    software = ["software adapter"] if (_told(result, "adapter") or {}).get("software") else []
    return ", ".join([result["model"], *differing, *software])


def _with_software(label: str, result: Record) -> str:
    """A given name, with the word that no time of a software adapter is shown without."""
    software = (_told(result, "adapter") or {}).get("software") and "software" not in label
    return f"{label}, software adapter" if software else label


def _numbered(labels: Sequence[str]) -> list[str]:
    """Number labels that occur more than once."""
    times = Counter(labels)
    seen: Counter[str] = Counter()
    numbered = []
    for label in labels:
        seen[label] += 1
        numbered.append(f"{label} ({seen[label]})" if times[label] > 1 else label)
    return numbered


def latency_table(
    results: Sequence[Record], ratios: Sequence[float] = (), base: str = "", names: Sequence[str] = ()
) -> Table:
    """Return one row a timed file: times of one inference in µs or ms.

    Args:
        results: content of `benchmark-*.json`; at least one.
        ratios: of each result's median to that of `base`, a result that was measured alike; empty for none.
        base: name of the file that the ratios are to.
        names: of the results; by default files, with what differs.
    """
    labels = [_with_software(*pair) for pair in zip(names or run_labels(results), results, strict=True)]
    rows = [
        {**result, "label": label, "ratio": ratios[row] if ratios else None}
        for row, (label, result) in enumerate(zip(labels, results, strict=True))
    ]
    ratio = [number("ratio", "ratio", lambda value: f"{value:.2f}")] if ratios else []
    gpu = GPU if any(map(adapter_of, results)) else ()
    columns: list[Column] = [text("file", "label"), *LATENCY, *ratio, *gpu, *CONDITIONS]
    told = f" Ratios are to the median of {base}." if ratios else ""
    return table_of("Latency of one inference", columns, rows, f"{latency_note(results)}{told}", LEFT_OUT_FIRST)


def latency_note(results: Sequence[Record]) -> str:
    """Say where and how results were measured.

    The sentences name each machine once, then the number of processes, the input and what memory means.
    """
    first = results[0]
    machines = " ".join(dict.fromkeys(map(_machine_sentence, results)))
    fed = "".join(f" {sentence}" for sentence in dict.fromkeys(map(fed_sentence, results)) if sentence)
    return (
        f"{machines} {first['processes']} fresh processes in turns, warm-up apart; input: {first['input_source']}. "
        "Memory is what the process grew by from before the model was loaded to its peak."
        f"{fed}{_gpu_note(results)}"
    )


def fed_sentence(result: Record) -> str:
    """Say the shapes that were taken where a file leaves them open, and that a file keeps state; mostly empty."""
    shapes = ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in result.get("input_shapes", {}).items())
    taken = f"Input of {result['model']} as it was measured: {shapes}; --shape takes another." if shapes else ""
    state = (
        f"{result['model']} keeps state: each run is the next step of one stream." if result.get("keeps_state") else ""
    )
    return " ".join(filter(None, (taken, state)))


def _machine_sentence(result: Record) -> str:
    machine = result["before"]
    where = "" if target_of(result) == "local" else f"{target_of(result)}: "
    return (
        f"{where}{machine['cpu']}, {machine['architecture']}, {machine['cores']} cores, {' '.join(machine['flags'])}; "
        f"governor {machine['governor'] or 'not readable'}."
    )


def latency_warnings(results: Sequence[Record]) -> list[str]:
    """Return what was not steady during the measurement, each with the result's label; may be empty."""
    labels = run_labels(results)
    return [
        f"{label}: {warning}" for label, result in zip(labels, results, strict=True) for warning in result["warnings"]
    ]


def latency_samples(results: Sequence[Record]) -> dict[str, list[float]]:
    """Return all timed runs in microseconds, over all processes, by the result's label."""
    return {
        label: [ns / 1e3 for process in result["samples_ns"] for ns in process]
        for label, result in zip(run_labels(results), results, strict=True)
    }


def binary_table(results: Sequence[Record], names: Sequence[str] = ()) -> Table:
    """Return one row a file that TFLite's `benchmark_model` timed.

    The program gives mean, smallest and largest time, not every run.

    Args:
        results: content of `binary-*.json`; at least one.
        names: of the results; by default files, with what differs.
    """
    labels = names or run_labels(results)
    rows = [{**result, "label": label} for label, result in zip(labels, results, strict=True)]
    first = results[0]
    note = (
        f"benchmark_model (sha256 {first['binary_sha256'][:12]}) on {first['before']['cpu']}; "
        f"input: {first['input_source']}."
    )
    return table_of("Latency by TFLite's benchmark_model", (text("file", "label"), *BINARY), rows, note)
