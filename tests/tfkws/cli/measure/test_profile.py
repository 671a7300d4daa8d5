"""Old spellings of `tfkws profile` find their command, and say the new one."""

import pytest

from tfkws.cli.measure.profile import with_command


@pytest.mark.parametrize(
    ("args", "command"),
    [
        (["RUN/int8.tflite"], "operators"),
        (["--kernels", "builtin", "a.kws"], "operators"),
        (["kws10", "--device", "gpu"], "layers"),
        (["RUN"], "layers"),
    ],
)
def test_the_old_spelling_says_the_new_one(args: list[str], command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert with_command(args) == [command, *args]
    assert f"tfkws profile {command}" in capsys.readouterr().err


@pytest.mark.parametrize("args", [[], ["--help"], ["operators", "a.tflite"], ["layers", "kws10"]])
def test_a_new_spelling_stays_as_it_is(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert with_command(args) == args
    assert capsys.readouterr().err == ""
