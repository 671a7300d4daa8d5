"""Layer profiles and rooflines on the report's page."""

import json

from tfkws.profiling.explain.roofline import Level, Roofline
from tfkws.report.build import write_report
from tfkws.report.collect import read_model
from tfkws.report.layer_sections import layer_sections

LIMITS = Roofline(
    "2026-11-25", "litert", "2", "xnnpack", 1, {"float32": 50e9, "int8": 200e9}, {}, 40e9, 0.02,
    (Level("L2", 1 << 20, 100e9, 90e9), Level("memory", None, 20e9, 25e9)), {},
)  # fmt: skip
OPERATORS = {
    "model": "none.tflite", "number_type": "float32", "method": "profiler", "runtime": "litert", "runtime_version": "2",
    "kernels": "xnnpack", "threads": 1, "runs": 9, "whole_us": 10.0, "sum_us": 9.0, "difference": -0.1,
    "explanation": "", "warnings": [], "machine": {"cpu": "C"}, "roofline": LIMITS.to_dict(),
    "rows": [{"index": 0, "opcode": "CONV_2D", "name": "conv", "layer_class": "Conv2D", "method": "profiler",
              "time_us": 9.0, "share": 1.0, "macs": 90_000, "params": 10, "weight_bytes": 40, "bytes_moved": 9_000,
              "gmacs_per_s": 10.0, "intensity": 10.0, "roofline_share": 0.2, "limit": "multiply rate",
              "kernels": ["Convolution (NHWC, F32) IGEMM"]}],
}  # fmt: skip
LAYERS = {
    "kind": "keras-layers", "model": "net", "device": "cpu", "device_name": "cpu", "machine": {"cpu": "C"},
    "backend": "jax", "backend_version": "1", "mode": "eager", "threads": 1, "trials": 2, "passes": 2, "call_us": 2.0,
    "whole_compiled_us": [[7.0, 9.0]], "whole_eager_us": [[50.0, 70.0]],
    "rows": [{"name": "a", "layer": "Conv2D", "category": "Conv2D", "macs": 500, "weight_bytes": 4, "bytes_moved": 12,
              "samples_us": [[30.0, 30.0], [10.0, 50.0]]}],
}  # fmt: skip


def folder_with(tmp_path, **files):
    (tmp_path / "config.json").write_text(json.dumps({"synthetic_speech": False}))
    (tmp_path / "training.json").write_text("{}")
    for name, values in files.items():
        (tmp_path / f"{name.replace('_', '-')}.json").write_text(json.dumps(values))
    return tmp_path


def test_a_table_of_categories_and_a_roofline(tmp_path):
    model = read_model(folder_with(tmp_path, layers_cpu_jax=LAYERS, profile_none=OPERATORS))
    table, roofline = layer_sections(model, "net")
    assert table.parts[0].rows == (("Conv2D", "1", "30 µs", "1.00E+03", "100.0 %"),)
    assert "whole network 8 µs compiled and 60 µs eager" in table.parts[0].note
    assert "measured 2026-11-25" in roofline.parts[0].caption


def test_the_page_shows_shares_and_old_profiles_still_work(tmp_path):
    old = json.loads(json.dumps(OPERATORS))
    del old["roofline"], old["number_type"]
    for key in ("intensity", "roofline_share", "limit", "weight_bytes"):
        del old["rows"][0][key]
    folder = folder_with(tmp_path, layers_cpu_jax=LAYERS, profile_none=OPERATORS, profile_old=old)
    page = write_report(folder, tmp_path / "report").read_text()
    assert "20.0 % of multiply rate" in page
    assert page.count("Roofline: ") == 1
    assert (tmp_path / "report" / f"roofline-{folder.name}-none.png").exists()
