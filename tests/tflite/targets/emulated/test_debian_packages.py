"""Debian packages with programs in place of apt-get and dpkg-deb; the real ones run marked `device`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.targets.emulated.debian_packages import AptFolder

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


def test_packages_are_told_before_they_are_downloaded(programs: Callable[[str, str], None], tmp_path: Path) -> None:
    programs("apt-get", FAKE_APT)
    programs("dpkg-deb", "#!/bin/sh\n")
    said: list[str] = []
    archives = AptFolder(tmp_path / "apt", "arm64").download(("python3-minimal",), said.append)
    assert [archive.name for archive in archives] == ["a_1_arm64.deb", "b_2_arm64.deb"]
    assert said == ["Reading the package lists", "Downloading 2 Debian packages, 3 MiB, for python3-minimal"]
    calls = (tmp_path / "apt/state/calls").read_text().splitlines()
    assert calls[0] == "update"
    assert "APT::Architecture=arm64" in calls[1]
    assert f"Dir::State::status={tmp_path}/apt/nothing-installed" in calls[1]
    assert "--download-only" in calls[1]


def test_a_failing_apt_is_one_sentence_after_fresh_lists(programs: Callable[[str, str], None], tmp_path: Path) -> None:
    programs("apt-get", FAKE_APT)
    programs("dpkg-deb", "#!/bin/sh\n")
    apt = AptFolder(tmp_path / "apt", "arm64")
    (tmp_path / "apt/state/broken").touch()
    with pytest.raises(TargetError, match=r"Unable to locate package\); check the network"):
        apt.download(("python3-minimal",), lambda text: None)


def test_a_damaged_archive_is_removed(programs: Callable[[str, str], None], tmp_path: Path) -> None:
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
