"""Sentences of ssh targets, with errors in place of a connection; a real sshd answers in the tests marked `device`."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.targets.address import SshAddress
from tfkws.tflite.targets.ssh import SshSession, python_words

asyncssh = pytest.importorskip("asyncssh")
BOARD = SshAddress("board", "pi", 2222)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConnectionRefusedError(111, "refused"), "cannot be reached .Connection refused."),
        (TimeoutError(), "does not answer; check its power"),
        (asyncssh.PermissionDenied("no"), "takes none of your keys; put one there with `ssh-copy-id -p 2222 pi@board`"),
        (asyncssh.HostKeyNotVerifiable("no"), "is not among your known hosts; .* `ssh -p 2222 pi@board`"),
        (asyncssh.ConnectionLost("gone"), "cannot be reached"),
    ],
)
def test_each_failure_to_connect_is_one_sentence(error: Any, sentence: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise error

    async def no_key(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(asyncssh, "connect", fail)
    monkeypatch.setattr(asyncssh, "get_server_host_key", no_key)
    with pytest.raises(TargetError, match=f"ssh://pi@board:2222 {sentence}|of ssh://pi@board:2222 {sentence}"):
        SshSession(BOARD)


def test_host_keys_are_checked_whatever_the_users_configuration_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """asyncssh reads "UserKnownHostsFile none" as leave to trust any machine."""
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/config").write_text("Host *\n  UserKnownHostsFile none\n  StrictHostKeyChecking no\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    seen = {}

    async def remember(*_: Any, options: Any, **__: Any) -> None:
        seen["options"] = options
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(asyncssh, "connect", remember)
    with pytest.raises(TargetError):
        SshSession(BOARD)
    assert seen["options"].known_hosts is not None
    assert seen["options"].preferred_auth == ["publickey"]
    assert (seen["options"].port, seen["options"].username) == (2222, "pi")


def test_no_asyncssh_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    with pytest.raises(RuntimeUnavailableError, match=r"pip install 'tfkws\[devices\]'"):
        SshSession(BOARD)


def test_a_home_relative_python_is_found_by_the_shell_there() -> None:
    assert python_words("python3") == ["python3"]
    assert python_words("~/venv/bin/python") == ["sh", "-c", 'exec "$HOME/$0" "$@"', "venv/bin/python"]
