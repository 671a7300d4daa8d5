"""Recordings in a random order, each once before any comes again."""

from collections.abc import Sequence

import numpy as np

from tfkws.data.draws import ranked
from tfkws.detect.timeline.recordings import Recording
from tfkws.errors import AudioError


class Deck:
    """Deals recordings round by round; one that cannot be decoded or is silent is left out.

    Args:
        recordings: may be none, if nothing is asked for.
        key: with the number of the round it determines the order.
    """

    def __init__(self, recordings: Sequence[Recording], key: str) -> None:
        self._recordings, self._key = recordings, key
        self._round, self._rest = 0, list[Recording]()
        self._next: tuple[Recording, np.ndarray] | None = None

    def look(self) -> tuple[Recording, np.ndarray]:
        """Return the next recording and its samples, and leave it on top.

        Raises:
            AudioError: not one of the recordings can be decoded or heard.
        """
        reason = "all are silent"
        unusable = 0
        while self._next is None:
            recording = self._draw()
            try:
                samples = recording.read()
            except AudioError as error:
                samples, reason = np.zeros(1, np.float32), str(error)
            if np.any(samples):
                self._next = recording, samples
            else:
                unusable += 1
            if unusable > len(self._recordings):
                raise AudioError(f"None of {len(self._recordings)} recordings can be used: {reason}")
        return self._next

    def take(self) -> None:
        """Lay the top one aside."""
        self._next = None

    def _draw(self) -> Recording:
        if not self._rest:
            order = ranked([recording.file for recording in self._recordings], f"{self._key}/{self._round}/")
            self._rest = [self._recordings[number] for number in reversed(order)]
            self._round += 1
        return self._rest.pop()
