"""Sentences of adb targets, with a program in place of adb; a real adbd answers in the tests marked `device`."""

import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.targets.adb import AdbSession

# Plays the device with this machine's shell: `-s SERIAL shell -T LINE`, `push SOURCE TARGET`, `get-state`.
FAKE = """#!{python}
import os, subprocess, shutil, sys
words = sys.argv[3:]
if {state!r} != "device":
    sys.exit("error: " + {state!r})
if words[0] == "get-state":
    print("device")
elif words[0] == "push" and {full!r}:
    sys.exit("adb: error: failed to copy 'x' to 'y': remote couldn't write file: No space left on device")
elif words[0] == "push":
    shutil.copy(words[1], words[2])
else:
    sys.exit(subprocess.run(["sh", "-c", words[2]], start_new_session=True).returncode)
"""


@pytest.fixture
def fake_adb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(state: Any = "device", full: Any = False) -> None:
        program = tmp_path / "bin" / "adb"
        program.parent.mkdir(exist_ok=True)
        program.write_text(FAKE.format(python=sys.executable, state=state, full=full))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(program.parent), prepend=":")
        monkeypatch.setenv("TMPDIR", str(tmp_path / "device"))
        (tmp_path / "device").mkdir(exist_ok=True)

    return make


def test_pushes_runs_and_tidies_up(fake_adb: Any, tmp_path: Path) -> None:
    fake_adb()
    session = AdbSession("R58")
    session.push("note", b"pushed", executable=True)
    done = session.run(("sh", "-c", "cat note -; exit 4"), " and typed")
    assert (done.stdout, done.exit_code) == ("pushed and typed", 4)
    (folder,) = (tmp_path / "device").iterdir()
    assert (folder / "note").stat().st_mode & stat.S_IXUSR
    session.close()
    assert list((tmp_path / "device").iterdir()) == []


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("device 'R58' not found", "cannot be used .*not found.*; see `adb devices`"),
        ("device unauthorized.", "allow debugging by this computer"),
        ("device offline", "unplug it and plug it in again"),
    ],
)
def test_a_device_that_cannot_be_used_is_one_sentence(fake_adb: Any, state: Any, sentence: Any) -> None:
    fake_adb(state)
    with pytest.raises(TargetError, match=sentence):
        AdbSession("R58")


def test_a_full_disk_is_one_sentence(fake_adb: Any) -> None:
    fake_adb(full=True)
    session = AdbSession("R58")
    with pytest.raises(TargetError, match="The disk of adb:R58 is full"):
        session.push("note", b"pushed")
    session.close()


def test_a_cable_that_is_pulled_is_one_sentence(fake_adb: Any, tmp_path: Path) -> None:
    fake_adb()
    session = AdbSession("R58")
    fake_adb("device offline")
    with pytest.raises(TargetError, match="The connection to adb:R58 was lost"):
        session.run(("true",))
    session.close()


def test_no_adb_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeUnavailableError, match="apt install adb"):
        AdbSession("R58")
