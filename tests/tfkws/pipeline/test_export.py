"""Bundles handed out in other forms."""

import hashlib
import json
from pathlib import Path

import pytest
from fake_bundles import write_loudness_bundle

from tfkws.config import ExportSettings
from tfkws.errors import ConversionError, TfliteFileError
from tfkws.pipeline.export import RECORD, export_bundle

SETTINGS = ExportSettings(to="python")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_loudness_bundle(tmp_path / "loud.kws")


def test_the_record_names_bundle_and_files(bundle: Path) -> None:
    done = export_bundle(bundle, SETTINGS)
    assert done.path == bundle.with_name("loud-python")
    record = json.loads((done.path / RECORD).read_text())
    assert record == done.record
    assert (record["form"], record["bundle"], record["labels"]) == ("python", "loud.kws", ["_other_", "loud"])
    assert {path.name for path in done.path.iterdir()} == {RECORD, *record["files"]}
    for name, about in record["files"].items():
        content = (done.path / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (about["sha256"], about["size_bytes"])


def test_the_same_bundle_gives_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    first, second = (export_bundle(bundle, SETTINGS, tmp_path / name).path for name in ("one", "two"))
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_an_earlier_export_is_replaced_only_when_asked(bundle: Path) -> None:
    folder = export_bundle(bundle, SETTINGS).path
    (folder / "detect.py").write_text("changed")
    with pytest.raises(ConversionError, match="--force"):
        export_bundle(bundle, SETTINGS)
    export_bundle(bundle, SETTINGS, force=True)
    assert (folder / "detect.py").read_text() != "changed"


def test_files_of_something_else_are_never_written_over(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("mine")
    with pytest.raises(ConversionError, match="something else"):
        export_bundle(bundle, SETTINGS, tmp_path / "mine", force=True)
    assert (tmp_path / "mine" / "README.md").read_text() == "mine"


def test_only_bundles_are_exported(tmp_path: Path) -> None:
    with pytest.raises(TfliteFileError, match="tfkws bundle create"):
        export_bundle(tmp_path / "int8.tflite", SETTINGS)
    with pytest.raises(TfliteFileError, match="does not exist"):
        export_bundle(tmp_path / "none.kws", SETTINGS)
    assert list(tmp_path.iterdir()) == []
