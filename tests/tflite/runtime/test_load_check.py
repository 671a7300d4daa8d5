"""Files are loaded in a child process first, whatever the runtime does to it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import TfliteFileError
from tfkws.tflite.file.flatbuffer import pack
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.runtime.model import open_model


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put a shell script in the place of the child process, and forget what has passed."""

    def replace_by(script: str) -> None:
        program = tmp_path / "child.sh"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr("tfkws.tflite.runtime.load_check.sys.executable", str(program))

    monkeypatch.setattr("tfkws.tflite.runtime.load_check._PASSED", set())
    return replace_by


def test_a_file_that_the_runtime_refuses_is_one_sentence() -> None:
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(NULL_MODEL, 0))
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.CUSTOM
    model.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    model.operatorCodes[0].customCode = "Unheard"
    with pytest.raises(TfliteFileError, match="cannot be run"):
        open_model(pack(model))


def test_a_runtime_that_crashes_costs_one_sentence(
    converted: Callable[[str], TfliteFile], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The child is replaced by a program that kills itself, as an abort in native code would."""
    crash = tmp_path / "crash.sh"
    crash.write_text("#!/bin/sh\nkill -ABRT $$\n")
    crash.chmod(0o755)
    monkeypatch.setattr("tfkws.tflite.runtime.load_check.sys.executable", str(crash))
    monkeypatch.setattr("tfkws.tflite.runtime.load_check._PASSED", set())
    with pytest.raises(TfliteFileError, match="crashed"):
        open_model(converted("none"))


def test_a_good_file_passes_its_load_check(int8_file: Path) -> None:
    assert open_model(int8_file).input_shape == (8, 6, 1)


def test_what_has_passed_is_not_checked_again(child: Callable[[str], None]) -> None:
    child("exit 0")
    check_that_it_loads("a.tflite", b"content")
    child("exit 1")
    check_that_it_loads("again.tflite", b"content")
    with pytest.raises(TfliteFileError, match=r"^b.tflite cannot be run: the runtime crashed on it .exit 1."):
        check_that_it_loads("b.tflite", b"other content")


def test_the_words_of_the_runtime_are_passed_on(child: Callable[[str], None]) -> None:
    child("echo Unknown operator; exit 3")
    with pytest.raises(TfliteFileError, match=r"the runtime refuses it \(Unknown operator\); copy it again"):
        check_that_it_loads("a.tflite", NULL_MODEL)


def test_a_runtime_that_never_answers_is_given_up(
    child: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfkws.tflite.runtime.load_check.SECONDS", 0.2)
    child("exec sleep 20")
    with pytest.raises(TfliteFileError, match="did not answer within 0.2 s"):
        check_that_it_loads("a.tflite", NULL_MODEL)


def test_an_operator_that_the_runtime_lacks_is_named_and_no_copy_is_advised() -> None:
    from odd_files import odd_file

    with pytest.raises(TfliteFileError) as caught:
        check_that_it_loads("strange.tflite", odd_file("custom_operator"))
    assert "'StrangeOperator' is no operator of the runtime's own" in str(caught.value)
    assert "copy it again" not in str(caught.value)
