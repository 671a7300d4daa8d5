"""What goes wrong with the machine while a trial runs, told apart from what is wrong with its network.

A full disk says nothing of a candidate: it must not be noted as infeasible, which would be for ever.
"""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass

from tfkws.errors import SearchError

OF_STORAGE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ESTALE, errno.EMFILE, errno.ENFILE)
OF_A_TARGET = (ConnectionError, TimeoutError, ChildProcessError, InterruptedError)  # may lie in what was sent there


@dataclass(frozen=True)
class MachineFault:
    """Why a trial could not be run here.

    Attributes:
        reason: in the words of the operating system, with the path where it told one.
    """

    reason: str

    def error(self, number: int) -> SearchError:
        """Return the error that ends the search at trial `number` (int)."""
        return SearchError(
            f"Trial {number} could not be run, which is no fault of its network: {self.reason}; mend that and run the "
            "same command again. The trial stays open, and no other is lost."
        )


def machine_fault(error: BaseException) -> MachineFault | None:
    """Return the fault of the machine behind an error, or None where there is none.

    An `OSError` is one wherever it was raised; of errors that were raised from another, or say in words what the
    operating system said, those of storage are.

    Example:
        >>> machine_fault(OSError(28, "No space left on device", "model.keras"))
        MachineFault(reason='No space left on device (model.keras)')
        >>> machine_fault(ValueError("a kernel of 0"))
    """
    if isinstance(error, OSError) and not isinstance(error, OF_A_TARGET):
        return _of(error)
    for each in _chain(error):
        if isinstance(each, OSError) and each.errno in OF_STORAGE:
            return _of(each)
        if said := [os.strerror(code) for code in OF_STORAGE if os.strerror(code).lower() in str(each).lower()]:
            return MachineFault(said[0])
    return None


def _of(error: OSError) -> MachineFault:
    where = f" ({error.filename})" if error.filename else ""
    return MachineFault(f"{error.strerror or str(error) or type(error).__name__}{where}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that it was raised from or while handling."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
