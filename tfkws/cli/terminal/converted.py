"""How `tfkws convert` prints a conversion, and what a .tflite file holds."""

from pathlib import Path
from typing import Any

import typer


def print_converted(path: Path, as_json: bool) -> None:
    """Print parity and contents of a file that was just converted."""
    from tfkws.cli.terminal.output import print_json
    from tfkws.run_folder import read_json

    parity, recipe = read_json(path.with_suffix(".parity.json")), read_json(path.with_suffix(".recipe.json"))
    if as_json:
        print_json({"file": str(path), "parity": parity, "recipe": recipe})
        return
    if parity["attempts"]:
        _print_attempts(parity["attempts"])
    _print_parity(path, parity)
    _print_rows("In the file", contents_rows(recipe["contents"]))
    if parity["timing_hint"]:
        typer.echo(timing_sentence(recipe["recipe"]["name"], parity["timing_hint"]))


def timing_sentence(recipe: str, hint: dict[str, Any]) -> str:
    """Whether the file pays on this CPU, in words."""
    from tfkws.units import format_us

    verdict = "" if hint["pays"] else f" {recipe} does not pay on this CPU; `tfkws profile` shows where the time goes."
    return (
        f"Latency, a first look: {format_us(hint['file_us'])} against {format_us(hint['float_us'])} in float32, "
        f"{hint['ratio']:.2f} of it; `tfkws benchmark` measures.{verdict}"
    )


def print_file(path: Path, as_json: bool) -> None:
    """Print what a .tflite file holds, and what it says about itself."""
    from tfkws.cli.terminal.output import print_json
    from tfkws.tflite.file.contents import describe
    from tfkws.tflite.file.metadata import read_metadata

    contents, metadata = describe(path).to_dict(), read_metadata(path)
    if as_json:
        print_json({"file": str(path), "contents": contents, "metadata": metadata.to_dict() if metadata else None})
        return
    _print_rows(str(path), contents_rows(contents))
    if metadata is None:
        _print_rows("It says nothing about itself", [("metadata", "none of tfkws")])
    else:
        _print_rows("What it says about itself", metadata_rows(metadata.to_dict()))


def contents_rows(contents: dict[str, Any]) -> list[tuple[str, str]]:
    """Rows of (what, value) on what was read from a file."""
    from tfkws.units import format_bytes, format_count

    macs = contents["macs"]
    return [
        ("scheme", contents["scheme"]),
        ("size", f"{format_bytes(contents['size_bytes'])}, metadata {format_bytes(contents['metadata_bytes'])} of it"),
        ("weights", _by_name(contents["weight_bytes"], format_bytes)),
        ("arena for activations", format_bytes(contents["arena_bytes"])),
        ("MACs", "not countable" if macs is None else format_count(macs)),
        ("input", f"{contents['input_dtype']} {tuple(contents['input_shape'])}"),
        ("output", contents["output_dtype"]),
        ("values between operators", _by_name(contents["activation_dtypes"], str)),
        ("operators", _by_name(contents["operators"], str)),
    ]


def metadata_rows(metadata: dict[str, Any]) -> list[tuple[str, str]]:
    """Rows of (what, value) on what a file says about itself."""
    from tfkws.tflite.recipes import Recipe

    features, task, detector = metadata["features"], metadata["task"], metadata["detector"]
    normalised = "normalised by row" if features["row_mean"] else "not normalised"
    return [
        ("labels", ", ".join(metadata["labels"])),
        ("network", f"{metadata['model']['name']} {metadata['model']['variant'] or ''}".strip()),
        ("input", metadata["input"]),
        ("front end", f"{features['name']}, {features['sample_rate_hz']} Hz, {normalised}"),
        ("trained for", f"{task['protocol']}: {', '.join(task['words'])}"),
        ("threshold", f"{detector['threshold']:.4g}, averaged over {detector['window_ms']:g} ms"),
        ("conversion", Recipe.from_dict(metadata["conversion"]).label),
        ("speech", "synthetic" if metadata["synthetic_speech"] else "recorded"),
        ("written by", metadata["tool"]),
    ]


def _by_name(values: dict[str, Any], show: Any) -> str:
    return ", ".join(f"{name} {show(value)}" for name, value in values.items()) or "none"


def _print_parity(path: Path, parity: dict[str, Any]) -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_interval, format_percent

    speech = ", synthetic speech" if parity["synthetic_speech"] else ""
    rows = [
        (
            split, report["clips"], format_percent(report["agreement"]), format_percent(report["reference_accuracy"]),
            format_percent(report["candidate_accuracy"]), format_interval(report["difference_interval"]),
            f"{report['max_output_error']:.2g}",
        )
        for split, report in parity["splits"].items()
    ]  # fmt: skip
    columns = ("split", "clips", "same answer", "Keras", "TFLite", "difference, 95 %", "largest error")
    remedies = f", {' and '.join(parity['remedies'])}" if parity["remedies"] else ""
    print_table(f"{path}{remedies}{speech}", columns, rows)


def _print_attempts(attempts: list[dict[str, Any]]) -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_interval, format_percent

    rows = [
        (
            row["recipe"], format_percent(row["accuracy"]), format_interval(row["difference_interval"]),
            format_percent(row["agreement"]), f"{row['mean_output_error']:.2g}",
            "passed" if row["passed"] else "failed",
        )
        for row in attempts
    ]  # fmt: skip
    columns = ("recipe", "accuracy", "difference, 95 %", "same answer", "mean error", "gate")
    print_table("Attempts, on the validation split", columns, rows)


def _print_rows(title: str, rows: list[tuple[str, str]]) -> None:
    from tfkws.cli.terminal.output import print_table

    print_table(title, ("", ""), rows)
