"""The lines to type about a detector that was made from a phrase: what made it, and what to do with it next."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.printable import printable
from tfkws.report.page import Command, Step
from tfkws.views.table import Record
from tfkws.views.wakeword.making import option_of

OPTIONS = {"max_latency_us": "--max-latency"}
LEFT_OUT = ("phrase", "engines", "sizes")  # the phrase is no option; of engines a record names all, given or not
NOT_AGAIN = (*LEFT_OUT, "model", "front_end")  # a retraining has those of the run that it begins with


def made_by(folder: Path, record: Record) -> Command:
    """Return the command of a run; folders that a user gave are not in its record."""
    given = [option_of(name) for name in record["sources"]]
    words = [*_options(WakewordConfig(), record["settings"], LEFT_OUT)]
    words += _options(NetworkLimits(), record.get("limits", {}), ())
    words += [word for option in given for word in (option, "RUN" if option == "--from" else "DIR")]
    return Command(_line("wakeword", record["settings"]["phrase"], *words, "--out", folder))


def next_steps(folder: Path, record: Record) -> Iterator[Step]:
    """Yield what to do with a detector: hear it, hand it out, train it again."""
    settings = record["settings"]
    phrase, bundle = settings["phrase"], folder / Path(record["bundle"]).name
    again = _options(WakewordConfig(), settings, NOT_AGAIN)
    anew = _options(WakewordConfig(), settings | {"front_end": "micro-40x98", "model": ""}, LEFT_OUT)
    yield Step("Hear it by a microphone", _line("listen", bundle))
    yield Step(
        "Keep what it hears and nearly hears, for an evening without the phrase",
        _line("listen", bundle, "--record", "heard", "--near-miss", "0.3"),
    )
    yield Step("Record the phrase as you say it", _line("data", "record", phrase))
    own = ("--negatives", "heard", "--recordings", f"recordings/{phrase}")
    out = ("--out", folder.with_name(f"{folder.name}-again"))
    yield Step("Train again with both", _line("wakeword", phrase, *again, "--from", folder, *own, *out))
    if str(settings["front_end"]).startswith("micro"):
        yield Step("Hand it out to ESPHome and Home Assistant Voice", _line("export", bundle, "--to", "esphome"))
    else:
        yield Step(
            "For ESPHome and Home Assistant Voice, which compute their own features, make it with those",
            _line("wakeword", phrase, *anew, "--out", folder.with_name(f"{folder.name}-micro")),
        )
    yield Step("Hand it out in C, for TensorFlow Lite Micro", _line("export", bundle, "--to", "c"))
    yield Step("Hand it out as a script for numpy and ai-edge-litert", _line("export", bundle, "--to", "python"))


def _options(usual: Any, values: Mapping[str, Any], left_out: tuple[str, ...]) -> list[str]:
    """Return the options of values that are not the usual ones."""
    found = []
    for name, default in usual.to_dict().items():
        value = values.get(name, default)
        if name in left_out or value == default or value is None:
            continue
        option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
        found += [option] if value is True else [option, f"{value:g}" if isinstance(value, float) else str(value)]
    return found


def _line(*words: object) -> str:
    return shlex.join(["tfkws", *(printable(str(word)) for word in words)])
