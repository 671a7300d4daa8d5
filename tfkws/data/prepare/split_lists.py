"""A data set's own `validation_list.txt` and `testing_list.txt`, held against the rule that is used here."""

import codecs
from collections.abc import Sequence
from pathlib import Path

from tfkws.data.splits import split_of
from tfkws.names import composed


def contradictions(data_dir: Path, files: Sequence[str]) -> list[tuple[str, str]]:
    """Return (file, what is wrong) of each clip that the lists put into another split; none without lists.

    Args:
        files: clips as "word/name.wav".
    """
    listed = {}
    for split in ("validation", "testing"):
        path = data_dir / f"{split}_list.txt"
        if path.is_file():
            listed.update(dict.fromkeys(read_list(path), split))
    if not listed:
        return []
    pairs = [(file, listed.get(composed(file), "training")) for file in files]
    return [
        (file, f"listed for {split}, used for {split_of(file)}") for file, split in pairs if split != split_of(file)
    ]


def read_list(path: Path) -> list[str]:
    """Read a list of clips, one "word/name.wav" a line, as any system writes it.

    Backslashes, a byte order mark, spaces in names, UTF-16 and Latin-1 are understood; accents come composed.
    """
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")  # Latin-1 and what Windows adds to it
    lines = (line.strip().replace("\\", "/").removeprefix("./") for line in text.splitlines())
    return [composed(line) for line in lines if line]
