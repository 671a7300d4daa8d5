"""`tfkws models`: what scripts read and what people see."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.models import build_model, list_models
from tfkws.models.saving import save_model

FIELDS = ("name", "params", "macs", "fpops_eq1", "weight_bytes", "peak_activation_bytes", "rows")
ROW_FIELDS = ("name", "layer_class", "output_shape", "params", "macs")


def run(*arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(app, ["models", *arguments])
    assert result.exit_code == exit_code, result.output
    return result.output if exit_code else result.stdout


def test_list_as_json_has_every_network() -> None:
    rows = json.loads(run("list", "--json"))
    assert [row["name"] for row in rows] == list(list_models())
    dscnn = next(row for row in rows if row["name"] == "dscnn")
    assert (dscnn["params"], dscnn["macs"], dscnn["family"]) == (2_225_858, 5_967_232, "mobilenet_v2")


def test_list_prints_counts() -> None:
    assert "2,656,768" in run("list")


def test_show_as_json_has_the_fields_that_scripts_read() -> None:
    report = json.loads(
        run("show", "seed_cnn", "--input-size", "40x32", "--classes", "12", "--convs", "3x3,40 1x1,20", "--json")
    )
    assert all(field in report for field in FIELDS)
    assert all(field in row for row in report["rows"] for field in ROW_FIELDS)
    assert (report["params"], report["macs"]) == (1532, 742_640)


def test_show_takes_strides_and_prints_layers() -> None:
    output = run("show", "seed_cnn", "--convs", "3x3,40", "--set", "strides=2x2", "--per-layer")
    assert "20x16x40" in output


def test_show_counts_a_keras_file(tmp_path: Path) -> None:
    save_model(build_model("kws12", (40, 32, 1), 10), tmp_path / "model.keras")
    report = json.loads(run("show", str(tmp_path / "model.keras"), "--json"))
    assert report["macs"] == 8_608_200


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("kws13",), "near names are"),
        (("kws1", "--input-size", "40"), "--input-size takes HEIGHTxWIDTH"),
        (("kws1", "--input-size", "0x9"), "--input-size takes HEIGHTxWIDTH"),
        (("kws1", "--classes", "1"), "num_classes must be"),
        (("vgg11", "--input-size", "49x10"), "Layer stage4_pool needs"),
        (("none.tflite", "--classes", "2"), "a file is counted as it is"),
        (("none.tflite",), "does not exist"),
    ],
)
def test_refusals_are_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    output = run("show", *arguments, exit_code=1)
    assert sentence in output
    assert "Traceback" not in output


def test_an_unknown_view_is_a_usage_error() -> None:
    run("show", "kws1", "--as", "other", exit_code=2)
