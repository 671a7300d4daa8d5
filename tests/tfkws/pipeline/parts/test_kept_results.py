"""Two files of one stem in a folder: neither's result replaces the other's."""

from pathlib import Path

from tfkws.pipeline.parts.kept_results import is_of_another, path_beside
from tfkws.result_files import ResultName, profile_name
from tfkws.run_folder import write_json

NAME = profile_name("net", "builtin", "profiler", 1)


def test_a_result_of_the_same_file_is_replaced(tmp_path: Path) -> None:
    write_json(tmp_path / NAME.file, {"model": "net.tflite"})
    assert path_beside(tmp_path / "net.tflite", NAME).name == "profile-net-builtin.json"


def test_another_files_result_stays(tmp_path: Path) -> None:
    """A bundle beside the file, and a file whose name ends in a word of names."""
    write_json(tmp_path / NAME.file, {"model": "net.tflite"})
    assert path_beside(tmp_path / "net.kws", NAME).name == "profile-net.kws-builtin.json"
    other = profile_name("net-builtin", "xnnpack", "profiler", 1)
    assert other.file == NAME.file
    path = path_beside(tmp_path / "net-builtin.tflite", other)
    assert path.name == "profile-net-builtin.tflite.json"
    assert ResultName.parse(path.name) == ResultName("profile", "net-builtin.tflite")


def test_what_cannot_be_read_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / NAME.file).write_text("{")
    assert not is_of_another(tmp_path / NAME.file, "net.kws")
    write_json(tmp_path / NAME.file, [1])
    assert not is_of_another(tmp_path / NAME.file, "net.kws")
    assert not is_of_another(tmp_path / "nothing.json", "net.kws")
