"""Listening to one signal with several detectors.

A live signal: one thread captures and writes a ring buffer, one thread a detector reads it, and this one hands on what
was heard, so that none of them waits for another; a network that is too slow leaves windows out. Audio that waits, such
as a file: all in this thread, and nothing is left out.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.config.detector import ListenConfig
from tfkws.detect.detector import Detector
from tfkws.detect.live.ear import SILENCE_DB, Ear, EarState, Event, Heard, level_db
from tfkws.detect.live.recording import Recorder
from tfkws.detect.live.ring_buffer import RingBuffer
from tfkws.errors import ConfigError

RING_S = 10.0
TICK_S = 0.1


@dataclass(frozen=True)
class Source:
    """Where the signal comes from.

    Attributes:
        blocks: mono float32 at the detectors' rate; any length.
        live: whether audio comes by the clock and does not wait.
        overflows: how often the device lost audio so far.
    """

    name: str
    blocks: Iterator[np.ndarray]
    live: bool
    overflows: Callable[[], int] = lambda: 0


@dataclass(frozen=True)
class Status:
    """How it goes.

    Attributes:
        seconds: of audio that came.
        level_db: of the latest audio, dB of full scale.
        cpu_share: processor time of all threads for a second; 1.0 is one core.
        overflows: how often the device lost audio.
        ears: state of each detector by its name.
        recorded: files written; `problem` says why there are no more.
    """

    seconds: float
    level_db: float
    cpu_share: float
    overflows: int
    ears: Mapping[str, EarState]
    recorded: int = 0
    problem: str = ""


class Listening:
    """A signal, the detectors that hear it, and what is done with what they hear.

    Args:
        detectors: by name.
        record: folder for the audio around what is heard; None for none.
        on_event: called in the thread that runs it, with all that is heard.
        on_status: called in the same thread, every tenth of a second of a live signal.

    Raises:
        ConfigError: the detectors take audio of different rates, or there is none.
    """

    def __init__(
        self, detectors: Mapping[str, Detector], source: Source, settings: ListenConfig,
        on_event: Callable[[Event], None], on_status: Callable[[Status], None], record: Path | None = None,
    ) -> None:  # fmt: skip
        self._rate = common_rate(detectors)
        self._source, self._on_event, self._on_status = source, on_event, on_status
        self._ring = RingBuffer(round(self._rate * RING_S))
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.ears = [
            Ear(name, detector, self._ring, settings, source.live, self._events.put)
            for name, detector in detectors.items()
        ]
        self._recorder = Recorder(record, self._ring, self._rate, settings) if record else None
        self._level_db = SILENCE_DB
        self._began = time.process_time()
        self._clock = (time.monotonic(), self._began)
        self._stopped = threading.Event()
        self._failure: BaseException | None = None

    def run(self) -> Status:
        """Listen until the signal ends or `stop` is called; return how it went.

        Raises:
            TfkwsError: the source failed; what was heard before was handed on.
        """
        try:
            if self._source.live:
                self._run_live()
            else:
                self._run_waiting()
        finally:
            self.stop()
            self._hand_on(ended=True)
        if self._failure is not None:
            raise self._failure
        return self.status()

    def status(self) -> Status:
        """Return how it went since it was made; processor time is told for a second of audio."""
        seconds = self._ring.written / self._rate
        return self._status(seconds, time.process_time() - self._began)

    def stop(self) -> None:
        """End `run` soon; may be called from any thread."""
        self._stopped.set()
        self._ring.close()

    def _run_waiting(self) -> None:
        for block in self._source.blocks:
            self._write(block)
            for ear in self.ears:
                while ear.behind >= ear.detector.hop_samples:
                    ear.step()
            self._hand_on()
            if self._stopped.is_set():
                return
        for ear in self.ears:
            ear.step()

    def _run_live(self) -> None:
        workers = [threading.Thread(target=self._guarded(ear.run), daemon=True) for ear in self.ears]
        workers.append(threading.Thread(target=self._guarded(self._pump), daemon=True))
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            self._hand_on(wait_s=TICK_S)
            self._tick()

    def _tick(self) -> None:
        """Tell the status of the time since the last one."""
        now, cpu = time.monotonic(), time.process_time()
        self._on_status(self._status(now - self._clock[0], cpu - self._clock[1]))
        self._clock = (now, cpu)

    def _pump(self) -> None:
        """Write the ring buffer as blocks come."""
        for block in self._source.blocks:
            if self._stopped.is_set():
                break
            self._write(block)
        self._ring.close()

    def _write(self, block: np.ndarray) -> None:
        self._ring.write(block)
        if len(block):
            self._level_db = level_db(block)

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        """Keep the failure of a thread and end the others."""

        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - handed on by `run`, in the thread that waits
                self._failure = self._failure or error
                self.stop()

        return run

    def _hand_on(self, wait_s: float = 0.0, ended: bool = False) -> None:
        """Give away the events that came, waiting for the first one, and write recordings that are complete."""
        try:
            event = self._events.get(timeout=wait_s) if wait_s else self._events.get_nowait()
            while True:
                if self._recorder and isinstance(event, Heard):
                    self._recorder.keep(event)
                self._on_event(event)
                event = self._events.get_nowait()
        except queue.Empty:
            pass
        if self._recorder:
            self._recorder.write_ready(ended)

    def _status(self, seconds: float, cpu_s: float) -> Status:
        return Status(
            seconds=self._ring.written / self._rate,
            level_db=self._level_db,
            cpu_share=cpu_s / seconds if seconds > 0 else 0.0,
            overflows=self._source.overflows(),
            ears={ear.name: ear.state for ear in self.ears},
            recorded=self._recorder.written if self._recorder else 0,
            problem=self._recorder.problem if self._recorder else "",
        )


def common_rate(detectors: Mapping[str, Detector]) -> int:
    """Return the sample rate that all detectors take.

    Raises:
        ConfigError: they differ, or there is none.
    """
    rates = {detector.sample_rate_hz for detector in detectors.values()}
    if len(rates) != 1:
        raise ConfigError(
            "Bundles that listen together must take audio of one rate. "
            f"Received {', '.join(f'{rate} Hz' for rate in sorted(rates)) or 'no bundle'}."
        )
    return rates.pop()


def paced(blocks: Iterator[np.ndarray], rate_hz: int) -> Iterator[np.ndarray]:
    """Yield blocks when they would have been recorded, so that a file is like a microphone."""
    began, samples = time.monotonic(), 0
    for block in blocks:
        samples += len(block)
        time.sleep(max(0.0, began + samples / rate_hz - time.monotonic()))
        yield block
