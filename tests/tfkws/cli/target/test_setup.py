"""Only the emulator is set up; any other target is refused before anything is downloaded."""

from typer.testing import CliRunner

from tfkws.cli import app


def test_other_targets_are_refused_in_one_sentence() -> None:
    result = CliRunner().invoke(app, ["target", "setup", "local"])
    assert result.exit_code == 1
    assert "Only qemu-aarch64 is set up. Received 'local'" in result.stderr.replace("\n", " ")
