"""A board that runs sshd, through asyncssh: keys, ~/.ssh/config and known_hosts are respected, passwords never used."""

import asyncio
import os
import threading
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.targets.address import SshAddress
from tfkws.tflite.targets.capped_output import BLOCK_BYTES, MAX_OUTPUT_BYTES, flooded
from tfkws.tflite.targets.session import PYTHON, RUN_SECONDS, RawRun, TooSlowError, connection_lost, disk_full
from tfkws.tflite.targets.watch import BEAT_SECONDS, command_line, watch_line

CONNECT_SECONDS = 20
CLOSE_SECONDS = 15
LONGEST_PATH = 4_096  # characters
_WRITE = 'cat > "$1" && chmod "$2" "$1" && wc -c < "$1"'
T = TypeVar("T")


class SshSession:
    """A watched temporary folder on a machine that runs sshd; see `tfkws.tflite.targets.session.Session`.

    Args:
        python: the Python there; a path may begin with ~/.

    Raises:
        RuntimeUnavailableError: asyncssh is not installed.
        TargetError: the machine cannot be reached, is not known, or takes none of our keys.
    """

    def __init__(self, address: SshAddress, python: str = "python3") -> None:
        self.target = f"ssh://{address}" + (f":{address.port}" if address.port else "")
        self._python = python_words(python)
        self._loop = _LoopThread()
        try:
            self._link = self._loop.call(_Link.open(address, self.target))
        except BaseException:
            self._loop.stop()
            raise

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        """Write a file into the folder; what arrives is counted, because a full disk may go unnoticed."""
        command = ("sh", "-c", _WRITE, "sh", name, "700" if executable else "600")
        done = self._run(command, content, RUN_SECONDS)
        if done.exit_code != 0 or done.stdout.strip() != str(len(content)):
            reason = done.stderr.strip().splitlines()[-1:] or ["it is not whole"]
            full = "no space" in done.stderr.lower() or not done.stderr
            raise TargetError(
                disk_full(self.target) if full else f"{name} cannot be written on {self.target}: {reason[0]}"
            )

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = RUN_SECONDS) -> RawRun:
        """Run a command in the folder."""
        return self._run(command, stdin.encode(), seconds)

    def close(self) -> None:
        """Let the watch on the device tidy up, and end the connection."""
        with suppress(TargetError, TimeoutError, RuntimeError):
            self._loop.call(self._link.close())
        self._loop.stop()

    def _run(self, command: Sequence[str], stdin: bytes, seconds: float) -> RawRun:
        words = [*self._python, *command[1:]] if command[0] == PYTHON else list(command)
        return self._loop.call(self._link.run(words, stdin, seconds))


def python_words(python: str) -> list[str]:
    """Words that start the Python of a device; ~/ is the home there, which only a shell there knows."""
    return ["sh", "-c", 'exec "$HOME/$0" "$@"', python[2:]] if python.startswith("~/") else [python]


class _Link:
    """The connection and the watch, used inside the event loop only."""

    def __init__(self, connection: Any, watch: Any, folder: str, target: str) -> None:
        self._connection, self._watch, self._folder, self._target = connection, watch, folder, target
        self._beat = asyncio.create_task(self._send_beats())

    @classmethod
    async def open(cls, address: SshAddress, target: str) -> "_Link":
        connection = await _connect(address, target)
        try:
            watch = await connection.create_process(watch_line())
            folder = (await asyncio.wait_for(_first_line(watch.stdout), CONNECT_SECONDS)).strip()
            if not folder.startswith("/"):
                complaint = ((await watch.stderr.read(2000)).strip() or folder or "the shell ended").splitlines()[-1]
                raise TargetError(f"{target} gives no temporary folder ({complaint}); its shell must be a POSIX one.")
        except TimeoutError:
            connection.abort()
            raise TargetError(f"{target} gives no temporary folder within {CONNECT_SECONDS} s; is it busy?") from None
        except BaseException:
            connection.abort()
            raise
        return cls(connection, watch, folder, target)

    async def run(self, words: Sequence[str], stdin: bytes, seconds: float) -> RawRun:
        import asyncssh

        started = time.monotonic()
        try:
            process = await self._connection.create_process(command_line(self._folder, words), encoding=None)
            stdout, stderr = await asyncio.wait_for(_communicate(process, stdin, self._target), seconds)
        except TimeoutError:
            raise TooSlowError(self._target, seconds) from None
        except (asyncssh.Error, OSError):
            raise TargetError(connection_lost(self._target)) from None
        if process.exit_status is None or self._connection.is_closed():
            raise TargetError(connection_lost(self._target))
        code = process.exit_status if process.exit_status >= 0 else 128 + _signal_number(process.exit_signal)
        return RawRun(_text(stdout), _text(stderr), code, time.monotonic() - started)

    async def close(self) -> None:
        self._beat.cancel()
        self._watch.stdin.write_eof()
        with suppress(asyncio.TimeoutError, TimeoutError):
            await asyncio.wait_for(self._watch.wait_closed(), CLOSE_SECONDS)
        self._connection.close()
        await self._connection.wait_closed()

    async def _send_beats(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            self._watch.stdin.write("\n")


async def _communicate(process: Any, stdin: bytes, target: str) -> tuple[bytes, bytes]:
    """Give a process its input and return what it says; asyncssh's own `communicate` takes any amount."""
    process.stdin.write(stdin)
    process.stdin.write_eof()
    try:
        stdout, stderr = await asyncio.gather(_all_of(process.stdout, target), _all_of(process.stderr, target))
    except BaseException:
        process.close()
        raise
    await process.wait_closed()
    return stdout, stderr


async def _all_of(stream: Any, target: str) -> bytes:
    taken = bytearray()
    while block := await stream.read(BLOCK_BYTES):
        taken += block
        if len(taken) > MAX_OUTPUT_BYTES:
            raise TargetError(flooded(target))
    return bytes(taken)


async def _first_line(stream: Any) -> str:
    """The text before the first line feed, of at most `LONGEST_PATH` characters."""
    text = ""
    while "\n" not in text and len(text) < LONGEST_PATH and (part := await stream.read(LONGEST_PATH - len(text))):
        text += part
    return text.partition("\n")[0]


async def _connect(address: SshAddress, target: str) -> Any:
    import asyncssh

    try:
        return await asyncssh.connect(options=_options(address), host=address.host, port=address.port or ())
    except asyncssh.HostKeyNotVerifiable:
        sentence = await _unknown_key(address, target)
    except asyncssh.PermissionDenied:
        sentence = (
            f"{target} takes none of your keys; put one there with `ssh-copy-id {_ssh_words(address)}` "
            "(a key with a passphrase must be in ssh-agent)."
        )
    except TimeoutError:
        sentence = f"{target} does not answer; check its power, its network and the address."
    except (OSError, asyncssh.Error) as error:
        why = _reason(error)
        sentence = f"{target} cannot be reached ({why}); check that it is on, that sshd runs there, and the address."
    raise TargetError(sentence)


def _options(address: SshAddress) -> Any:
    """Return the options of a connection by public key; ~/.ssh/config has its say, and unknown hosts are refused."""
    import asyncssh

    given = {"username": address.user, "port": address.port}
    options = asyncssh.SSHClientConnectionOptions(
        host=address.host,
        preferred_auth="publickey",
        keepalive_interval=10,
        keepalive_count_max=3,
        connect_timeout=CONNECT_SECONDS,
        **{name: value for name, value in given.items() if value},
    )
    if not options.known_hosts:  # also None, by which asyncssh would trust any machine
        options.known_hosts = [str(file) for file in _known_hosts_files() if file.is_file()] or b""
    return options


def _reason(error: Exception) -> str:
    """Return the system's words for an error of the network, or the error's own."""
    number = getattr(error, "errno", None) or 0
    return os.strerror(number) if number > 0 else getattr(error, "strerror", None) or str(error)


def _known_hosts_files() -> tuple[Path, ...]:
    """Where ssh itself looks, if ~/.ssh/config says nothing else."""
    return (Path("~/.ssh/known_hosts").expanduser(), Path("/etc/ssh/ssh_known_hosts"))


async def _unknown_key(address: SshAddress, target: str) -> str:
    import asyncssh

    try:
        key = await asyncssh.get_server_host_key(address.host, address.port or ())
    except (OSError, asyncssh.Error):
        key = None
    shown = f" ({key.get_algorithm()} {key.get_fingerprint()})" if key else ""
    return (
        f"The host key of {target}{shown} is not among your known hosts; if it is that device's own, add it by "
        f"connecting once with `ssh {_ssh_words(address)}`."
    )


def _ssh_words(address: SshAddress) -> str:
    return f"-p {address.port} {address}" if address.port else str(address)


def _signal_number(exit_signal: Any) -> int:
    import signal

    name = f"SIG{exit_signal[0]}" if exit_signal else ""
    return int(signal.Signals[name]) if name in signal.Signals.__members__ else 0


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


class _LoopThread:
    """An event loop in a thread of its own, so that beats go on while the caller does other things."""

    def __init__(self) -> None:
        try:
            import asyncssh  # noqa: F401
        except ImportError:
            raise RuntimeUnavailableError("ssh targets need asyncssh; run `pip install 'tfkws[devices]'`.") from None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait for it; Ctrl-C cancels it."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def stop(self) -> None:
        """End the loop; may be called again."""
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()  # its sockets too
