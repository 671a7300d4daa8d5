"""What each synthesiser offers: which of its voices there are, and speech."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.speech.requests import Request, Speech
from tfkws.speech.voice import Voice


@dataclass(frozen=True)
class Engine:
    """A synthesiser.

    Attributes:
        name: in settings and results.
        licence: of the engine and its voices.
        version: raised when it gives other samples for the same request.
        share: of the voices that are drawn, relative to the others.
        together: how many requests of one voice it is given at once.
        packages: Python packages, whose releases change what is heard.
        missing: returns why it cannot speak here, one sentence; empty where it can.
        speakers: by language, the names that voices are drawn from.
        draw: draws a voice by some of the speakers.
        speak: says requests of one voice; the result may depend on all of them.
    """

    name: str
    licence: str
    version: int
    share: int
    together: int
    packages: tuple[str, ...]
    missing: Callable[[], str]
    speakers: dict[str, tuple[str, ...]]
    draw: Callable[[np.random.Generator, Sequence[str], str], Voice]
    speak: Callable[[Sequence[Request]], list[Speech]]
