"""Files of a data set are written whole or not at all, without waiting for the disk after each of 100,000."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a hidden path beside `path`, renamed to it on success and removed on any failure.

    Unlike `tfkws.run_folder.atomic_path` it does not force the content to disk: a data set can be written again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
