"""What is built for the emulator, with programs in place of apt-get and pip; the real ones run marked `device`."""

import json
import stat
from pathlib import Path

import pytest

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.targets import kinds
from tfkws.tflite.targets.emulated import qemu, setup
from tfkws.tflite.targets.emulated.debian_packages import AptFolder
from tfkws.tflite.targets.session import COUNTING_PYTHON, PYTHON

SETUP = {"emulator": "/usr/bin/qemu-aarch64", "emulator_version": "7.2.22 (Debian)", "python": "python3.11",
         "ai_edge_litert": "2.3.0", "site": "site-2.3.0"}  # fmt: skip

FAKE_APT = """#!/bin/sh
for word in "$@"; do
  case $word in
    Dir::Cache=*) cache=${word#*=} ;;
    Dir::State=*) state=${word#*=} ;;
    update) echo update >> "$state/calls"; touch "$state/lists/x_Packages"; exit 0 ;;
    --print-uris) print=1 ;;
  esac
done
[ -e "$state/broken" ] && { echo "E: Unable to locate package" >&2; exit 100; }
if [ "$print" ]; then
  echo "'http://somewhere/a_1_arm64.deb' a_1_arm64.deb 1048576 SHA256:0"
  echo "'http://somewhere/b_2_arm64.deb' b_2_arm64.deb 2097152"
else
  echo "$@" >> "$state/calls"
  touch "$cache/archives/a_1_arm64.deb" "$cache/archives/b_2_arm64.deb"
fi
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder that is all of PATH but for the shell's own programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")

    def add(name, text):
        (folder / name).write_text(text)
        (folder / name).chmod((folder / name).stat().st_mode | stat.S_IXUSR)

    return add


def test_packages_are_told_before_they_are_downloaded(programs, tmp_path):
    programs("apt-get", FAKE_APT)
    programs("dpkg-deb", "#!/bin/sh\n")
    said = []
    archives = AptFolder(tmp_path / "apt", "arm64").download(("python3-minimal",), said.append)
    assert [archive.name for archive in archives] == ["a_1_arm64.deb", "b_2_arm64.deb"]
    assert said == ["Reading the package lists", "Downloading 2 Debian packages, 3 MiB, for python3-minimal"]
    calls = (tmp_path / "apt/state/calls").read_text().splitlines()
    assert calls[0] == "update"
    assert "APT::Architecture=arm64" in calls[1]
    assert f"Dir::State::status={tmp_path}/apt/nothing-installed" in calls[1]
    assert "--download-only" in calls[1]


def test_a_failing_apt_is_one_sentence_after_fresh_lists(programs, tmp_path):
    programs("apt-get", FAKE_APT)
    programs("dpkg-deb", "#!/bin/sh\n")
    apt = AptFolder(tmp_path / "apt", "arm64")
    (tmp_path / "apt/state/broken").touch()
    with pytest.raises(TargetError, match=r"Unable to locate package\); check the network"):
        apt.download(("python3-minimal",), lambda text: None)


def test_a_damaged_archive_is_removed(programs, tmp_path):
    programs("apt-get", FAKE_APT)
    programs("dpkg-deb", "#!/bin/sh\nexit 2\n")
    apt = AptFolder(tmp_path / "apt", "arm64")
    archive = tmp_path / "a.deb"
    archive.touch()
    with pytest.raises(TargetError, match="a.deb is damaged and was removed"):
        apt.unpack([archive], tmp_path / "root")
    assert not archive.exists()


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeUnavailableError, match="needs apt-get and dpkg-deb, that is Debian or Ubuntu"):
        AptFolder(tmp_path / "apt", "arm64")
    with pytest.raises(RuntimeUnavailableError, match="needs a C compiler; install one"):
        setup._build_plugin(tmp_path / "plugin.so", lambda text: None)


def test_a_step_that_is_interrupted_is_done_again(tmp_path: Path) -> None:
    final = tmp_path / "root"

    def fail(part):
        (part / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        setup._in_parts(final, fail)
    assert not final.exists()
    setup._in_parts(final, lambda part: (part / "whole").touch())
    assert (final / "whole").exists()
    setup._in_parts(final, fail)  # it is there: nothing is done


@pytest.mark.parametrize(("name", "part"), [("cortex-a53", "0xd03"), ("cortex-a76", "0xd0b")])
def test_each_core_is_told_to_the_guest_as_linux_tells_it(name, part, tmp_path):
    """Part numbers of Arm's manuals; the A76 has the dot product (asimddp), the A53 lacks it."""
    (tmp_path / "root/usr").mkdir(parents=True)
    setup._describe_core(name, tmp_path)
    text = (tmp_path / "cores" / name / "proc/cpuinfo").read_text()
    facts = dict(line.split("\t: ") for line in text.splitlines() if line)
    assert facts["CPU part"] == part
    assert ("asimddp" in facts["Features"].split()) == (name == "cortex-a76")
    assert (tmp_path / "cores" / name / "usr").resolve() == (tmp_path / "root/usr").resolve()


def test_only_counting_uses_the_plugin(tmp_path: Path) -> None:
    (tmp_path / qemu.RECORD).write_text(json.dumps(SETUP))
    session = qemu.open_qemu("cortex-a76", tmp_path)
    try:
        plain, counting = session._programs[PYTHON], session._programs[COUNTING_PYTHON]
    finally:
        session.close()
    assert "-plugin" not in plain
    assert counting[counting.index("-plugin") + 1] == str(tmp_path / "instruction_plugin.so")
    assert plain[plain.index("-cpu") + 1] == "cortex-a76"
    assert plain[plain.index("-L") + 1] == str(tmp_path / "cores/cortex-a76")
    assert plain[-2:] == (str(tmp_path / "root/usr/bin/python3.11"), "-S")


def test_what_is_not_set_up_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(TargetError, match="run `tfkws target setup qemu-aarch64`"):
        qemu.open_qemu("cortex-a53")
    states = {finding.name.partition(":")[0]: finding.status for finding in kinds.usable_targets()}
    assert states["qemu-aarch64"] == "absent"
    folder = tmp_path / ".cache/tfkws/qemu-aarch64"
    folder.mkdir(parents=True)
    (folder / qemu.RECORD).write_text(json.dumps(SETUP))
    (found,) = [finding for finding in kinds.usable_targets() if finding.name.startswith("qemu")]
    assert (found.status, "QEMU 7.2.22" in found.detail) == ("ok", True)
