"""Errors leave the command line as one sentence on stderr and exit code 1; usage errors stay Typer's (2)."""

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from tfkws.cli.terminal.interrupts import accepted, exit_code, interruptible, pending, word_of
from tfkws.cli.terminal.missing_packages import OUT_OF_MEMORY, import_sentence
from tfkws.cli.terminal.output import warn
from tfkws.cli.terminal.streams import OutputError, ReaderLeft, flush_last, open_streams, unprintable
from tfkws.errors import TfkwsError


class OneSentenceErrors(TyperGroup):
    """Turn expected failures of any command into one sentence, without a traceback."""

    def main(self, *arguments: Any, **settings: Any) -> Any:
        """Run the program with streams that can be written and signals that end it tidily."""
        open_streams()
        with interruptible():
            try:
                return super().main(*arguments, **settings)
            except SystemExit as done:
                _flush(done)
                raise
            except OSError as error:  # outside of every command only the help is printed
                warn(f"Error: {unprintable(error)}")
                raise SystemExit(1) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        Raises:
            typer.Exit: with code 1, or 128 and the signal's number where it was interrupted, after one sentence on
                stderr; with code 0 where whoever read the output has gone, as in `| head`.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            _interrupted(error)
        except ReaderLeft:
            raise typer.Exit(0) from None
        except Exception as error:
            if (interrupt := pending()) is not None:  # a library made another error of it
                _interrupted(interrupt)
            sentence = sentence_of(error)
            if not sentence:
                raise
            _fail(sentence)


def sentence_of(error: Exception) -> str:
    """Return what to tell of an error that can be expected; nothing of any other."""
    if isinstance(error, TfkwsError):
        return str(error)
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY
    if isinstance(error, ImportError):
        return import_sentence(error)
    if isinstance(error, OSError):
        return _os_sentence(error)
    return ""


def _os_sentence(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full{where}; free some space and run the same command again. Nothing half-written was kept."
        )
    if error.errno == errno.EFBIG:
        return (
            f"The file would be larger than the limit on file sizes here{where}; raise it (`ulimit -f unlimited`) and "
            "run the same command again. Nothing half-written was kept."
        )
    if error.errno == errno.ENOMEM:
        return OUT_OF_MEMORY
    reason = error.strerror or str(error)
    return f"{reason}{where}; check that the path exists and that you may read and write it."


def _interrupted(error: KeyboardInterrupt) -> None:
    accepted()
    _fail(f"{word_of(error)}; finished stages are kept, and the same command goes on from them.", exit_code(error))


def _flush(done: SystemExit) -> None:
    """Write what is left of the output before the program ends.

    Raises:
        SystemExit: with code 1 where it cannot be written, 0 where nobody reads the help any more.
    """
    if isinstance(done.__context__, BrokenPipeError):
        raise SystemExit(0) from None
    try:
        flush_last()
    except OutputError as error:
        warn(f"Error: {error}")
        raise SystemExit(done.code or 1) from None


def _fail(sentence: str, code: int = 1) -> None:
    warn(f"Error: {' '.join(sentence.split())}")
    raise typer.Exit(code)
