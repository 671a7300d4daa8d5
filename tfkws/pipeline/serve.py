"""The stage of `tfkws serve`: open bundles and serve their words until a signal ends it; nothing is written."""

import asyncio
import importlib
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfkws.config import DetectorConfig, ServiceConfig
from tfkws.errors import ConfigError, RuntimeUnavailableError
from tfkws.tflite.bundle.archive import Bundle, read_bundle

Change = Callable[[DetectorConfig], DetectorConfig]
Report = Callable[[str], None]


@dataclass(frozen=True)
class Served:
    """What a service did.

    Attributes:
        ended_by: the signal that ended it.
        clients, dropped: that came; that broke the protocol.
        detected, skipped: words heard; windows left out.
    """

    ended_by: signal.Signals
    clients: int
    dropped: int
    detected: int
    skipped: int


def serve_bundles(bundles: Sequence[Path], settings: ServiceConfig, change: Change, report: Report) -> Served:
    """Serve the words of bundles until SIGINT or SIGTERM.

    Args:
        change: what becomes of each bundle's detector settings.
        report: called with what happens, one line each.

    Raises:
        RuntimeUnavailableError: the package wyoming is not installed.
        TfliteFileError: a bundle is damaged or its model refused.
        ConfigError: no bundle, or bundles that do not go together.
        ServiceError: the address cannot be listened at.
    """
    _require_wyoming()
    from tfkws.detect.service.wake_words import open_wake_words

    words = open_wake_words(_read_bundles(bundles), change)
    return asyncio.run(_serve(words, settings, report))


async def _serve(words: Any, settings: ServiceConfig, report: Report) -> Served:
    from tfkws.detect.service.server import WakeService

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: report(f"The service went on after: {ascii(context['message'])}."))
    ended: asyncio.Future[signal.Signals] = loop.create_future()

    def end(by: signal.Signals) -> None:
        if not ended.done():
            ended.set_result(by)

    for each in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run itself
            loop.add_signal_handler(each, end, each)
    async with WakeService(words, settings, report) as service:
        if not service.address.is_local:
            report(
                f"Anyone who reaches {service.address.uri} can send audio and learn what is heard: the protocol has "
                "neither passwords nor encryption."
            )
        report(f"Listening at {service.address.uri} for {', '.join(words.names)}; Ctrl-C ends it.")
        by = await ended
    return Served(by, service.served, service.dropped, service.detected, service.skipped)


def _read_bundles(paths: Sequence[Path]) -> Mapping[str, Bundle]:
    """Read bundles under different titles: names of files, with their folders where names are equal."""
    if not paths:
        raise ConfigError("There is no bundle to serve; give .kws files that `tfkws bundle create` wrote.")
    stems = Counter(path.stem for path in paths)
    bundles: dict[str, Bundle] = {}
    for path in paths:
        title = path.stem if stems[path.stem] == 1 else f"{path.resolve().parent.name}_{path.stem}"
        if title in bundles:
            raise ConfigError(f"{path} is given twice, or under the same name; give each bundle once.")
        bundles[title] = read_bundle(path)
    return bundles


def _require_wyoming() -> None:
    try:
        importlib.import_module("wyoming.event")
    except ImportError as error:
        sentence = "Serving needs the package wyoming; run `pip install 'tfkws[serve]'`."
        raise RuntimeUnavailableError(sentence) from error
