"""Label tracks: tab-separated `start end label` in seconds, as Audacity exports them and people write them by hand.

`happy (anna)` is the word "happy" said by anna; the speaker may be left out. Read are also CRLF, a byte-order mark,
UTF-16 as Windows writes it, commas as decimal points, spaces in place of tabs, and labels in any order. Audacity's
lines of frequencies, which begin with a backslash, are passed over.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from tfkws.detect.events import Utterance, check_utterances
from tfkws.errors import DataError, did_you_mean
from tfkws.run_folder import write_text

_SLACK_S = 0.1  # rounding of people and programs, beyond the end of the audio
_MOST_BYTES = 1 << 24


def write_labels(path: Path, utterances: Sequence[Utterance]) -> None:
    """Write a label track, whole or not at all.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "a.txt")
        ...     write_labels(path, [Utterance("happy", 1.5, 2.25, "anna")])
        ...     print(repr(path.read_text(encoding="utf-8")), read_labels(path, 10.0))
        '1.500000\\t2.250000\\thappy (anna)\\n' [Utterance(label='happy', start_s=1.5, end_s=2.25, speaker='anna')]
    """
    write_text(path, "".join(f"{u.start_s:.6f}\t{u.end_s:.6f}\t{_text_of(u)}\n" for u in utterances))


def read_labels(path: Path, duration_s: float) -> list[Utterance]:
    """Read a label track in order of time; all labels, whether words of a detector or not.

    Args:
        duration_s: of the audio that it belongs to.

    Raises:
        DataError: a line cannot be read or does not fit the audio.
    """
    found = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if line.strip() and not line.startswith("\\"):
            found.append(_utterance(line, f"{path}, line {number}", duration_s))
    return sorted(found, key=lambda each: (each.start_s, each.end_s))


def words_among(labels: Sequence[Utterance], words: Sequence[str], where: str) -> tuple[Utterance, ...]:
    """Return the utterances of a detector's words, spelt as it spells them.

    Other labels, such as "tv on", are notes. One that is nearly a word is refused, since a slip of the pen would turn
    hits into false accepts.

    Args:
        where: what the labels are of, for the sentence of an error.

    Raises:
        DataError: a label is nearly a word, or two utterances of a word overlap.
    """
    spelt = {word.casefold(): word for word in words}
    found = []
    for label in labels:
        word = spelt.get(label.label.casefold())
        if word is not None:
            found.append(Utterance(word, label.start_s, label.end_s, label.speaker))
        elif near := did_you_mean(label.label.casefold(), spelt):
            raise DataError(
                f"{where} has the label {label.label[:40]!r} at {label.start_s:.2f} s and the detector knows "
                f"{', '.join(words)}.{near} Correct the label, or rename it if it is a note."
            )
    check_utterances(found)
    return tuple(found)


def _text(path: Path) -> str:
    if not path.is_file():
        raise DataError(f"There is no label file {path}.")
    if path.stat().st_size > _MOST_BYTES:
        raise DataError(f"{path} is larger than {_MOST_BYTES >> 20} MiB, so it is no label track.")
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise DataError(f"{path} is not text; give a label track: start, end and label a line.") from None


def _utterance(line: str, where: str, duration_s: float) -> Utterance:
    fields = line.strip().split("\t", 2) if "\t" in line.strip() else line.split(maxsplit=2)
    if len(fields) < 3 or not fields[2].strip():
        raise DataError(f"{where} must be start, end and label, with tabs between. Received {line.strip()[:60]!r}.")
    start, end = (_seconds(text, where) for text in fields[:2])
    if end < start:
        raise DataError(f"{where} ends at {end:g} s before it begins at {start:g} s; exchange the two.")
    if end > duration_s + _SLACK_S:
        raise DataError(
            f"{where} ends at {end:g} s and its audio is {duration_s:.2f} s long; give the label track of this audio."
        )
    named = re.fullmatch(r"(.+?)\s*\(([^()]+)\)", fields[2].strip())
    label, speaker = named.groups() if named else (fields[2].strip(), "")
    return Utterance(label, start, end, speaker.strip())


def _seconds(text: str, where: str) -> float:
    plain = text.strip().replace(",", ".") if re.fullmatch(r"\s*\d+,\d+\s*", text) else text
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise DataError(f"{where} has {text.strip()[:40]!r} where a time in seconds must stand.")
    return value


def _text_of(utterance: Utterance) -> str:
    return f"{utterance.label} ({utterance.speaker})" if utterance.speaker else utterance.label
