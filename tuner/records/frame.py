"""The trials of a search as a pandas table, for a notebook: one row a trial, one flat column a number."""

from pathlib import Path
from typing import TYPE_CHECKING

from tfkws.errors import JournalError
from tfkws.tuner.records.journal import JOURNAL, Journal

if TYPE_CHECKING:
    from pandas import DataFrame


def trials_frame(search: Path) -> "DataFrame":
    """Return the trials of a search, finished and running, in order of suggestion.

    Args:
        search: folder of the search, or its journal.

    Returns:
        Index "number"; columns "stage", "status", "reason", "started_from", "looks" (how often the training was
        looked at), "value.NAME" of each searched parameter, and the measured numbers under their own names: errors
        0..1, MACs, times in µs.

    Raises:
        JournalError: there is no journal, or it is damaged.

    Example:
        >>> from tempfile import mkdtemp
        >>> from tfkws.tuner.records.trials import TrialRecord
        >>> folder = Path(mkdtemp())
        >>> journal = Journal(folder / JOURNAL)
        >>> journal.append(TrialRecord(0, 0, {"width": 8}))
        >>> journal.append(TrialRecord(0, 0, {"width": 8}, "completed", {"macs": 2e6, "top1_error": 0.1}))
        >>> frame = trials_frame(folder)
        >>> frame.loc[0, "value.width"].item(), frame.loc[0, "top1_error"].item()
        (8, 0.1)
    """
    from pandas import DataFrame

    path = search / JOURNAL if search.is_dir() else search
    if not path.is_file():
        raise JournalError(f"{search} holds no {JOURNAL}; give the folder of a `tfkws search`.")
    records = sorted(Journal(path).load(), key=lambda record: record.number)
    rows = [
        {
            "number": record.number,
            "stage": record.stage,
            "status": record.status,
            "reason": record.reason,
            "started_from": record.started_from,
            "looks": len(record.curve),
            **{f"value.{name}": value for name, value in record.values.items()},
            **record.metrics,
        }
        for record in records
    ]
    return DataFrame(rows, columns=None if rows else ["number"]).set_index("number")
