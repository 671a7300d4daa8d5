"""Where a result goes that may not replace that of another model: files of one stem in a folder keep theirs apart."""

from dataclasses import replace
from pathlib import Path

from tfkws.errors import TfkwsError
from tfkws.result_files import ResultName
from tfkws.run_folder import read_json


def path_beside(model: Path, name: ResultName) -> Path:
    """Return the path of a model file's result, beside the file.

    A result of the same file is replaced. Where another file's result has the name, as that of `net.kws` beside
    `net.tflite`, the whole name of the file stands in the place of its stem.
    """
    path = model.parent / name.file
    return path.with_name(replace(name, stem=model.name).file) if is_of_another(path, model.name) else path


def is_of_another(path: Path, source: str, key: str = "model") -> bool:
    """Return whether a result lies there that names another source than this one.

    Args:
        key: of the result, under which it names what it was measured on.
    """
    if not source or not path.is_file():
        return False
    try:
        found = read_json(path)
    except TfkwsError:  # what cannot be read is no result of anything
        return False
    return isinstance(found, dict) and found.get(key, source) != source
