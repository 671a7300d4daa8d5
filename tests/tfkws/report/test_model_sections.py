"""Sections of a model folder: each result where it exists, none where it does not."""

import json
from pathlib import Path
from typing import Any

from gpu_profiles import profile
from long_audio_scores import made_up_score
from traced_layers import traced

from tfkws.pipeline.report import write_report
from tfkws.profiling.explain.roofline import Level, Roofline
from tfkws.report.collect import read_model
from tfkws.report.model_sections import headline, model_sections
from tfkws.report.page import Drawing, Section
from tfkws.run_folder import read_json
from tfkws.views.table import Table

FIRST_RUN = Path(__file__).parents[3] / "artifacts" / "published" / "first_run"
LIMITS = Roofline(
    "2026-11-25", "litert", "2", "xnnpack", 1, {"float32": 50e9, "int8": 200e9}, {}, 40e9, 0.02,
    (Level("L2", 1 << 20, 100e9, 90e9), Level("memory", None, 20e9, 25e9)), {},
)  # fmt: skip
OPERATORS: dict[str, Any] = {
    "model": "none.tflite", "number_type": "float32", "method": "profiler", "runtime": "litert", "runtime_version": "2",
    "kernels": "xnnpack", "threads": 1, "runs": 9, "whole_us": 10.0, "sum_us": 9.0, "difference": -0.1,
    "explanation": "", "warnings": [], "machine": {"cpu": "C"}, "roofline": LIMITS.to_dict(),
    "rows": [{"index": 0, "opcode": "CONV_2D", "name": "conv", "layer_class": "Conv2D", "method": "profiler",
              "time_us": 9.0, "share": 1.0, "macs": 90_000, "params": 10, "weight_bytes": 40, "bytes_moved": 9_000,
              "gmacs_per_s": 10.0, "intensity": 10.0, "roofline_share": 0.2, "limit": "multiply rate",
              "kernels": ["Convolution (NHWC, F32) IGEMM"]}],
}  # fmt: skip
LAYERS: dict[str, Any] = {
    "kind": "keras-layers", "model": "net", "device": "cpu", "device_name": "cpu", "machine": {"cpu": "C"},
    "backend": "jax", "backend_version": "1", "mode": "eager", "threads": 1, "trials": 2, "passes": 2, "call_us": 2.0,
    "whole_compiled_us": [[7.0, 9.0]], "whole_eager_us": [[50.0, 70.0]],
    "rows": [{"name": "a", "layer": "Conv2D", "category": "Conv2D", "macs": 500, "weight_bytes": 4, "bytes_moved": 12,
              "samples_us": [[30.0, 30.0], [10.0, 50.0]]}],
}  # fmt: skip


def folder_with(folder: Path, **files: Any) -> Path:
    (folder / "config.json").write_text(json.dumps({"synthetic_speech": False}))
    (folder / "training.json").write_text("{}")
    for name, values in files.items():
        (folder / f"{name.replace('_', '-')}.json").write_text(json.dumps(values))
    return folder


def table_in(section: Section) -> Table:
    return next(part for part in section.parts if isinstance(part, Table))


def drawing_in(section: Section) -> Drawing:
    return next(part for part in section.parts if isinstance(part, Drawing))


def test_every_result_of_a_run_has_its_section() -> None:
    titles = [section.title.split(":")[0] for section in model_sections(read_model(FIRST_RUN))]
    assert titles == ["Accuracy", "Training", "Conversion", "Latency", "Operators", "Operators"]


def test_the_head_of_the_page_quotes_the_int8_file() -> None:
    values = {card.value: card.meaning for card in headline(read_model(FIRST_RUN))}
    assert "int8.tflite, testing, [86.0, 91.2] %" in values["88.7 %"]
    assert values["29.2 KiB"] == "int8.tflite, int8"
    assert values["623 µs"] == "median latency of int8.tflite, 602–638 µs, 1 thread(s)"


def test_a_wake_word_has_its_thresholds_and_det_curve(tmp_path: Path) -> None:
    point = {"threshold": 0.8, "false_accept_rate": 0.01, "miss_rate": 0.1}
    detection = {"equal_error_rate": 0.03, "thresholds": {"0.01": point}, "curve": [point]}
    evaluation = read_json(FIRST_RUN / "evaluation-int8-testing.json") | {"detection": detection}
    (section,) = model_sections(read_model(folder_with(tmp_path, **{"evaluation_int8_testing": evaluation})))
    titles = [part.title for part in section.parts if isinstance(part, Table)]
    names = [part.name for part in section.parts if isinstance(part, Drawing)]
    assert titles[-1].startswith("Thresholds, set and judged")
    assert names[-1] == f"det-{tmp_path.name}"


def test_a_folder_without_results_has_no_section(tmp_path: Path) -> None:
    model = read_model(folder_with(tmp_path))
    assert list(model_sections(model)) == []
    assert headline(model) == ()


def test_a_table_of_categories_and_a_roofline(tmp_path: Path) -> None:
    model = read_model(folder_with(tmp_path, layers_cpu_jax=LAYERS, profile_none=OPERATORS))
    sections = {section.title.split(":")[0]: section for section in model_sections(model)}
    table = table_in(sections["Keras layers"])
    assert table.rows == (("Conv2D", "1", "30 µs", "1.00E+03", "100.0 %"),)
    assert "the whole network takes 8 µs compiled, 60 µs eager" in table.note
    assert "measured 2026-11-25" in drawing_in(sections["Roofline"]).caption


def test_a_trace_has_its_own_section(tmp_path: Path) -> None:
    model = read_model(folder_with(tmp_path, layers_gpu_jax_trace=traced()))
    (section,) = model_sections(model)
    assert section.title == f"Keras layers: {tmp_path.name}, gpu, jax, traced"
    assert table_in(section).columns[0] == "layer class"
    assert "the card waits 37.5 %" in table_in(section).note


def test_the_page_shows_shares_and_old_profiles_still_work(tmp_path: Path) -> None:
    old = json.loads(json.dumps(OPERATORS))
    del old["roofline"], old["number_type"]
    for key in ("intensity", "roofline_share", "limit", "weight_bytes"):
        del old["rows"][0][key]
    folder = folder_with(tmp_path, layers_cpu_jax=LAYERS, profile_none=OPERATORS, profile_old=old)
    page = write_report(folder, tmp_path / "report").read_text()
    assert "20.0 % of multiply rate" in page
    assert page.count("<h2>Roofline: ") == 1
    assert (tmp_path / "report" / f"roofline-{folder.name}-none.png").exists()


def test_profiles_of_one_file_with_other_kernels_keep_their_figures(tmp_path: Path) -> None:
    builtin = OPERATORS | {"kernels": "builtin"}
    model = read_model(folder_with(tmp_path, profile_none=OPERATORS, profile_none_builtin=builtin))
    names = [drawing_in(section).name for section in model_sections(model)]
    assert len(set(names)) == len(names) == 4


def test_counted_instructions_and_times_by_the_binary_are_placed(tmp_path: Path) -> None:
    process = {"mean_us": 100.0, "min_us": 90.0, "max_us": 200.0, "init_us": 1500.0}
    binary = {
        "model": "int8.tflite", "mean_us": 100.0, "processes": [process], "threads": 1, "kernels": "xnnpack",
        "binary_sha256": "0123456789abcdef", "input_source": "noise", "before": {"cpu": "C"},
    }  # fmt: skip
    mix = {"all": 1000, "vector_arithmetic": 400, "vector_memory": 200, "scalar_memory": 100, "other": 300}
    operator = {"index": 0, "opcode": "CONV_2D", "name": "conv", "mix": mix, "share": 1.0, "macs": 9}
    count = {
        "model": "int8.tflite", "target": "qemu-aarch64:cortex-a53", "emulator": "QEMU", "runtime_version": "2",
        "kernels": "xnnpack", "mix": mix, "repeats": [1000], "spread": 0.0, "call_instructions": 100, "macs": 9,
        "instructions_per_mac": 111.1, "outputs": None, "operators": [], "difference": None,
    }  # fmt: skip
    by_operator = count | {"operators": [operator | {"instructions_per_mac": 111.1}], "difference": 0.0}
    files = {"instructions_int8_cortex_a53": count, "instructions_int8_cortex_a53_operators": by_operator}
    model = read_model(folder_with(tmp_path, binary_int8=binary, **files))
    sections = {section.title.split(":")[0]: section for section in model_sections(model)}
    assert table_in(sections["Latency by benchmark_model"]).rows[0][:2] == ("int8.tflite", "100 µs")
    titles = [part.title for part in sections["Instructions"].parts if isinstance(part, Table)]
    assert titles == ["Instructions of one inference", "int8.tflite, instructions by operator"]


def test_a_stopped_run_is_told_and_no_result(tmp_path: Path) -> None:
    result = json.loads((FIRST_RUN / "benchmark-int8.json").read_text()) | {"warnings": ["stopped early"]}
    (tmp_path / "benchmark-int8.partial.json").write_text(json.dumps(result))
    (section,) = model_sections(read_model(folder_with(tmp_path)))
    assert section.parts[0] == "int8.tflite: stopped early" and len(section.parts) == 2  # and the command


def test_runs_of_one_file_with_other_kernels_are_two_lines(tmp_path: Path) -> None:
    result = json.loads((FIRST_RUN / "benchmark-int8.json").read_text())
    folder = folder_with(tmp_path, benchmark_int8=result, benchmark_int8_builtin=result | {"kernels": "builtin"})
    (section,) = model_sections(read_model(folder))
    (axis,) = drawing_in(section).figure.axes
    labels = sorted(str(line.get_label()) for line in axis.lines)
    assert labels == ["int8.tflite, builtin kernels", "int8.tflite, xnnpack kernels"]


def test_hours_of_audio_have_tables_and_the_curve(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, **{"long-audio-kws10-int8-0a1b2c3d": made_up_score()})
    (section,) = model_sections(read_model(folder))
    assert section.title.startswith("Hours of audio") and section.title.endswith("kws10-int8-0a1b2c3d")
    assert "below 1.5 (0 in 2 h)" in table_in(section).to_csv()
    assert drawing_in(section).name == f"long-audio-{tmp_path.name}-kws10-int8-0a1b2c3d"
    assert "judge it on other" in str(section.parts[-2])


def test_operators_on_a_gpu_have_a_section_that_says_software(tmp_path: Path) -> None:
    (tmp_path / "profile-none-litert-gpu.json").write_text(json.dumps(profile()))
    found = [each for each in model_sections(read_model(tmp_path)) if each.title.startswith("Operators")]
    assert [each.title for each in found] == [
        f"Operators on a GPU: {tmp_path.name}, none-litert-gpu, SwiftShader (software adapter)"
    ]
