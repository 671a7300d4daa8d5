"""How long audio is composed, and how detections in it are counted."""

from dataclasses import dataclass
from typing import Annotated, Literal

from tfkws.config.strict import Config, NotNegative, Positive, Range, Seed, Share, require

SpeechSplit = Literal["validation", "testing", "all"]
Decibels = Annotated[float, Range(-40, 80)]


@dataclass(frozen=True)
class TimelineConfig(Config):
    """How recordings are laid on a timeline; the same settings and recordings give the same bytes.

    Attributes:
        words: the wake words; their clips are laid as such, and never as other words.
        hours: length of the timeline.
        split: speakers of the validation or testing split of the clips' folder, or all of them.
        without_word: lay no wake word, so that every detection is a false accept.
        words_per_hour: wake words laid in an hour, at random times.
        sentence_share: share of sentences among the other speech, the rest of which is single words.
        snr_db: ratios of speech to noise, in dB, in turns; None for no noise.
        rooms: names of room responses, in turns; "dry" for none; empty for dry and every one there is.
        shortest_gap_s, longest_gap_s: silence between two recordings is drawn between these.
        gain_db: the level of each recording is drawn up to this above or below -26 dBFS.
        audio_format: of the files: flac (half the size, no loss) or wav.
        scene_s: so long one noise, ratio and room last.
        seed: keys every random draw.
    """

    words: tuple[str, ...]
    hours: Positive = 1.0
    split: SpeechSplit = "testing"
    without_word: bool = False
    words_per_hour: NotNegative = 120.0
    sentence_share: Share = 0.5
    snr_db: tuple[Decibels | None, ...] = (None, 20.0, 10.0)
    rooms: tuple[str, ...] = ()
    shortest_gap_s: NotNegative = 1.0
    longest_gap_s: NotNegative = 3.0
    gain_db: NotNegative = 6.0
    audio_format: Literal["flac", "wav"] = "flac"
    scene_s: Annotated[float, Range(40, 3600)] = 60.0
    seed: Seed = 0

    def _check(self) -> None:
        require(len(self.words) > 0, "TimelineConfig.words must name the wake word, also where none is laid.")
        require(len(self.snr_db) > 0, "TimelineConfig.snr_db must name at least one ratio, or clean.")
        gaps = self.shortest_gap_s <= self.longest_gap_s <= 30
        require(gaps, "TimelineConfig.longest_gap_s must lie from shortest_gap_s to 30. " + self._gaps())
        repeated = len(set(self.rooms)) < len(self.rooms) or len(set(self.snr_db)) < len(self.snr_db)
        require(not repeated, "TimelineConfig.rooms and snr_db must each name nothing twice.")

    def _gaps(self) -> str:
        return f"Received {self.shortest_gap_s} and {self.longest_gap_s}."


@dataclass(frozen=True)
class CountingConfig(Config):
    """How detections in long audio are counted.

    Times are in ms, rates in events an hour.

    Attributes:
        latency_ms: so long after its end a word may still be hit: the last 1 s window that holds its end.
        false_accepts_per_hour: the rate that a threshold is wanted for.
    """

    latency_ms: NotNegative = 1_000.0
    false_accepts_per_hour: Positive | None = None
