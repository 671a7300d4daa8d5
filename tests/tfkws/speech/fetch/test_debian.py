"""A program of Debian packages is unpacked into a cache folder; with a made-up apt."""

import sys
from pathlib import Path

import pytest

from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.speech.fetch.debian import fetch_program, find_program


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that writes archives, and a dpkg-deb that unpacks one to a program; a file `fail` makes apt fail."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "apt-get").write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"if pathlib.Path({str(tmp_path / 'fail')!r}).exists(): sys.exit('E: Unable to locate package')\n"
        "for name in sys.argv[sys.argv.index('download') + 1:]: pathlib.Path(name + '_1.deb').touch()\n"
    )
    (programs / "dpkg-deb").write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "target = pathlib.Path(sys.argv[3], 'usr/bin'); target.mkdir(parents=True, exist_ok=True)\n"
        "(target / pathlib.Path(sys.argv[2]).name.split('_')[0]).touch()\n"
    )
    for program in programs.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    return tmp_path


def test_it_is_fetched_once(system: Path) -> None:
    assert find_program("speaker") is None
    path = fetch_program("speaker", ["speaker", "libspeaker1"])
    assert path == system / "cache" / "tfkws" / "voices" / "speaker" / "usr" / "bin" / "speaker"
    assert path.is_file() and (path.parent / "libspeaker1").is_file()
    assert not list(path.parents[3].glob(".partial-*"))
    (system / "fail").touch()
    assert fetch_program("speaker", ["speaker"]) == find_program("speaker") == path


def test_apts_failure_is_one_sentence(system: Path) -> None:
    (system / "fail").touch()
    with pytest.raises(SynthesisError, match="could not fetch speaker .*Unable to locate.*`apt install speaker`"):
        fetch_program("speaker", ["speaker"])
    assert find_program("speaker") is None


def test_without_apt_it_says_so(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeUnavailableError, match="comes as a Debian package; install speaker by this"):
        fetch_program("speaker", ["speaker"])
