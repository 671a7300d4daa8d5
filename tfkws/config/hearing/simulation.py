"""How paper A's over-the-air test is simulated: who speaks and when, the room, and the device."""

from dataclasses import dataclass
from typing import Annotated, Literal

from tfkws.config.strict import Config, Count, NotNegative, Positive, Range, Seed, ShareBelowOne, require

CAPTURE_RATES_HZ = (8_000, 192_000)


@dataclass(frozen=True)
class TrialsConfig(Config):
    """Who speaks, what, and when; the defaults are paper A's.

    Times are in seconds.

    Attributes:
        subjects: voices; speakers of the data's testing split, or synthesised ones.
        trials: of each subject.
        trial_s: length of a trial; a waiting speaker's goes on until all sentences are said and answered.
        utterances: sentences in a trial, each with the word in it.
        speaker: rhythm (a sentence each period) or waiting (a sentence after each printed answer).
        period_s: from one sentence to the next of a speaker who keeps a rhythm.
        reaction_s: from a printed answer to the next sentence of a speaker who waits.
        unevenness: standard deviation of both, as a share of them.
        carrier_words: other words in a recorded sentence; in a synthesised one they are "is the wake word".
        word_position: whether the word is the first or the last of its sentence.
        seed: keys every random draw.
    """

    subjects: Count = 3
    trials: Count = 5
    trial_s: Annotated[float, Range(1, 3600)] = 20.0
    utterances: Count = 10
    speaker: Literal["rhythm", "waiting"] = "rhythm"
    period_s: Positive = 2.0
    reaction_s: NotNegative = 0.4
    unevenness: ShareBelowOne = 0.1
    carrier_words: Annotated[int, Range(0, 10)] = 2
    word_position: Literal["first", "last"] = "first"
    seed: Seed = 0


@dataclass(frozen=True)
class AcousticsConfig(Config):
    """What lies between mouth and network.

    Attributes:
        distance_m: from mouth to microphone.
        critical_distance_m: where direct and reverberant sound are equally strong; nearer, the direct one is
            stronger.
        reverberation_s: time in which the room's echo falls by 60 dB, where no response is given; 0 for no
            echo.
        snr_db: level of the speech at 1 m above the noise; speech from farther away is weaker, the noise is
            not.
        loudspeaker_low_hz, loudspeaker_high_hz: band of a loudspeaker that plays the speech; 0 for a mouth.
        microphone_low_hz, microphone_high_hz: band of the microphone; 0 for no limit.
        capture_hz: rate of the sound card; each recording is brought to the network's rate by itself.
    """

    distance_m: Annotated[float, Range(0.05, 50)] = 1.0
    critical_distance_m: Annotated[float, Range(0.05, 50)] = 0.6
    reverberation_s: Annotated[float, Range(0, 10)] = 0.4
    snr_db: Annotated[float, Range(-40, 80)] = 20.0
    loudspeaker_low_hz: NotNegative = 0.0
    loudspeaker_high_hz: NotNegative = 0.0
    microphone_low_hz: NotNegative = 100.0
    microphone_high_hz: NotNegative = 7_000.0
    capture_hz: Annotated[int, Range(*CAPTURE_RATES_HZ)] = 48_000

    def _check(self) -> None:
        for name in ("loudspeaker", "microphone"):
            low, high = getattr(self, f"{name}_low_hz"), getattr(self, f"{name}_high_hz")
            message = f"AcousticsConfig.{name}_low_hz must be below {name}_high_hz. Received {low:g} and {high:g}."
            require(not high or low < high, message)


@dataclass(frozen=True)
class DeviceConfig(Config):
    """How the device records and how long it thinks.

    Times are in ms.

    Attributes:
        capture: blocking (nothing is recorded while the network runs, as in paper A) or buffered.
        chunk_ms: length of the chunks that are judged one by one (paper A: 1000 or 500); 0 for sliding
            windows.
        latency_ms: from the whole chunk to the printed answer; left out, front end and network are timed
            here.
        counting: what a subject counts, utterances or answers.
    """

    capture: Literal["blocking", "buffered"] = "blocking"
    chunk_ms: NotNegative = 1_000.0
    latency_ms: NotNegative | None = None
    counting: Literal["utterances", "answers"] = "utterances"
