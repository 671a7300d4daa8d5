"""Ctrl-C, SIGTERM and SIGHUP end a command by an exception, so that what it was writing is cleared away.

Callbacks of libraries swallow exceptions, TensorFlow's among them; so the exception is raised again until it arrives.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

AGAIN_S = 0.5  # after which an interrupt that nothing handles is raised again
WORDS = {"SIGINT": "Interrupted", "SIGTERM": "Terminated", "SIGHUP": "Hung up"}


class Ended(KeyboardInterrupt):
    """A signal asks the command to end; whatever handles Ctrl-C handles it.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def word_of(error: KeyboardInterrupt) -> str:
    """Return what happened, in a word.

    Example:
        >>> word_of(Ended(signal.SIGTERM)), word_of(KeyboardInterrupt())
        ('Terminated', 'Interrupted')
    """
    return WORDS[signal.Signals(_number(error)).name]


def exit_code(error: KeyboardInterrupt) -> int:
    """Return what shells give a command that the signal ended.

    Example:
        >>> exit_code(Ended(signal.SIGTERM)), exit_code(KeyboardInterrupt())
        (143, 130)
    """
    return 128 + _number(error)


def _number(error: KeyboardInterrupt) -> int:
    return error.number if isinstance(error, Ended) else signal.SIGINT


class _Interrupts:
    """The signal that came, until somebody takes it."""

    def __init__(self) -> None:
        self.came: int | None = None

    def take_signal(self, number: int, frame: FrameType | None) -> None:
        self.came = number
        _set_timer(AGAIN_S)
        raise Ended(number)

    def insist(self, number: int, frame: FrameType | None) -> None:
        """Raise the exception again, unless it is being handled just now."""
        if self.came is None:
            return
        _set_timer(AGAIN_S)
        if not _is_handled(sys.exc_info()[1]):
            raise Ended(self.came)


_interrupts = _Interrupts()


def accepted() -> None:
    """Tell that the interrupt has arrived, and is not to be raised again."""
    _interrupts.came = None
    _set_timer(0.0)


def pending() -> Ended | None:
    """Return the interrupt that came and that nobody has accepted; None where there is none."""
    return None if _interrupts.came is None else Ended(_interrupts.came)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let signals raise `Ended` inside the block; those that the caller ignores, as under nohup, stay ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    defaults = (signal.SIG_DFL, signal.default_int_handler)
    numbers = [getattr(signal, name) for name in WORDS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers if signal.getsignal(number) in defaults}
    hooks = (sys.unraisablehook, sys.excepthook)
    try:
        for number in before:
            signal.signal(number, _interrupts.take_signal)
        if hasattr(signal, "SIGALRM"):
            before[signal.SIGALRM] = signal.signal(signal.SIGALRM, _interrupts.insist)
        sys.unraisablehook = _unless_interrupted(hooks[0], lambda arguments: arguments[0].exc_type)
        sys.excepthook = _unless_interrupted(hooks[1], lambda arguments: arguments[0])
        yield
    finally:
        accepted()
        sys.unraisablehook, sys.excepthook = hooks
        for number, handler in before.items():
            signal.signal(number, handler)


def _set_timer(seconds: float) -> None:
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _is_handled(error: BaseException | None) -> bool:
    """Whether an interrupt is among the exceptions in whose handlers the program is."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False


def _unless_interrupted(hook: Callable[..., Any], kind: Callable[[tuple[Any, ...]], Any]) -> Callable[..., Any]:
    """Return a hook that says nothing of an interrupt: it is raised again."""

    def quiet(*arguments: Any) -> None:
        if not issubclass(kind(arguments), KeyboardInterrupt):
            hook(*arguments)

    return quiet
