"""Errors leave the command line as one sentence on stderr and exit code 1; usage errors stay Typer's (2)."""

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from tfkws.cli.terminal.output import warn
from tfkws.errors import TfkwsError

INTERRUPTED = 130  # what shells give a command that SIGINT ended


class OneSentenceErrors(TyperGroup):
    """Turn expected failures of any command into one sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        Raises:
            typer.Exit: with code 1, or 130 where it was interrupted, after one sentence on stderr.
        """
        try:
            return super().invoke(ctx)
        except TfkwsError as error:
            _fail(str(error))
        except KeyboardInterrupt:
            _fail("Interrupted; finished stages are kept, and the same command goes on from them.", INTERRUPTED)
        except MemoryError:
            _fail("Out of memory; use a smaller model, a smaller batch or fewer clips.")
        except BrokenPipeError:
            raise  # the reader has seen enough, as in `| head`; Typer ends silently then
        except OSError as error:
            _fail(_os_sentence(error))


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
    reason = error.strerror or str(error)
    return f"{reason}{where}; check that the path exists and that you may read and write it."


def _fail(sentence: str, code: int = 1) -> None:
    warn(f"Error: {' '.join(sentence.split())}")
    raise typer.Exit(code)
