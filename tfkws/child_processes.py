"""Child processes that end with their parent, however it ends; without semaphores, which a closed /dev/shm refuses."""

import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

POLL_S = 1.0

Job = tuple[Callable[..., Any], tuple[Any, ...]]  # a function of a module, and its arguments


class ChildDiedError(RuntimeError):
    """A child process ended without an answer."""


def end_with_parent(parent: int | None = None, folder: Path | None = None) -> None:
    """Let this process end as soon as its parent has ended, which a thread waits for; return at once.

    Args:
        parent: process id, for a child that `multiprocessing` did not start.
        folder: removed then, since the parent no longer can.
    """
    threading.Thread(target=_wait_and_end, args=(parent, folder), daemon=True).start()


def _wait_and_end(parent: int | None, folder: Path | None) -> None:
    started_by = multiprocessing.parent_process()
    if started_by is not None:
        started_by.join()
    else:
        while parent is None or os.getppid() == parent:
            time.sleep(POLL_S)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def run_in_children(jobs: Sequence[Job], count: int) -> Iterator[Any]:
    """Run jobs in `count` freshly started processes, and yield what each returns, as it is done.

    When it is left early, by an error or an interrupt, the processes finish the job at hand and end.

    Raises:
        ChildDiedError: a process died.
        Exception: the first that a job raises.
    """
    waiting = list(reversed(jobs))
    children = [_Child.start() for _ in range(min(count, len(jobs)))]
    busy = {child.connection: child for child in children}
    try:
        for child in children:
            child.connection.send(waiting.pop())
        while busy:
            ready = wait(list(busy))
            for connection in [each for each in busy if each in ready]:
                result = _received(connection)
                if waiting:
                    connection.send(waiting.pop())
                else:
                    del busy[connection]
                if isinstance(result, _Raised):
                    raise result.error
                yield result
    except ConnectionError:
        raise ChildDiedError("a child process ended without an answer") from None
    finally:
        for child in children:
            child.connection.close()
        for child in children:
            child.process.join()


@dataclass(frozen=True)
class _Child:
    process: Any
    connection: Connection

    @staticmethod
    def start() -> "_Child":
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,))
        process.start()
        theirs.close()
        return _Child(process, ours)


@dataclass(frozen=True)
class _Raised:
    error: Exception


def _received(connection: Connection) -> Any:
    try:
        return connection.recv()
    except (EOFError, ConnectionError):
        raise ChildDiedError("a child process ended without an answer") from None


def _serve(connection: Connection) -> None:
    """Answer one job after the other, until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which hangs up
    end_with_parent()
    with suppress(EOFError, OSError):
        while True:
            function, arguments = connection.recv()
            connection.send(_outcome(function, arguments))


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - the parent raises it
        return _Raised(error)
