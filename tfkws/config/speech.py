"""How a phrase is made audible: what is written to listen to, and how a user's own recordings are made."""

from dataclasses import dataclass

from tfkws.config.strict import Config, Count, Positive, Seed, require


@dataclass(frozen=True)
class PhraseAudition(Config):
    """What is written of a phrase, to be listened to.

    Attributes:
        phrase: in place of clips of --data; "hey computer".
        phonemes: its pronunciation, "HH EY1 | Y UW1" or "hˈeɪ jˈuː"; empty for the usual one.
        language: of the phrase.
        engines: synthesisers, separated by commas; empty for all that are here.
        voices: of each engine.
        negatives: of each kind.
        seed: keys every random draw.
    """

    phrase: str = ""
    phonemes: str = ""
    language: str = "en"
    engines: tuple[str, ...] = ()
    voices: Count = 3
    negatives: Count = 3
    seed: Seed = 0


@dataclass(frozen=True)
class RecordingSettings(Config):
    """How a phrase is recorded.

    Attributes:
        speaker: who speaks; each person gets a folder.
        takes: recordings that there shall be, those of earlier runs counted.
        patience_s: seconds without speech, after which it is asked for again.
        longest_s: seconds that a take may last.
    """

    speaker: str = "me"
    takes: Count = 10
    patience_s: Positive = 6.0
    longest_s: Positive = 4.0

    def _check(self) -> None:
        plain = self.speaker.replace("-", "").isalnum()
        require(plain, f"RecordingSettings.speaker must be letters, digits and hyphens. Received {self.speaker!r}.")
