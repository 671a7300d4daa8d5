"""How a detector is made from a phrase: what is said, what is laid, how long is learnt, and what may be reached."""

from dataclasses import dataclass

from tfkws.config.strict import Config, Count, Positive, Seed, Share

Engine = str  # a name of `tfkws.speech.voices.available_engines`


@dataclass(frozen=True)
class Effort(Config):
    """How much speech is made, laid and learnt from.

    Attributes:
        voices: different voices of the training split, the engines by turns.
        takes: how often each says the phrase; pitch and pace move from take to take.
        hard_negatives: phrases that sound like it, each in several voices.
        negative_takes: voices of each of them.
        sentences: of general speech, each in one voice.
        validation_voices: that say the phrase and sentences where the threshold is chosen; no training hears them.
        training_hours: of tracks that are learnt from.
        validation_hours: of tracks that the threshold is chosen on.
        steps: of the optimiser.
        rounds: after each but the last, the loudest false accepts on the training tracks join the negatives.
    """

    voices: Count = 300
    takes: Count = 2
    hard_negatives: Count = 120
    negative_takes: Count = 4
    sentences: Count = 3_000
    validation_voices: Count = 60
    training_hours: Positive = 6.0
    validation_hours: Positive = 8.0
    steps: Count = 16_000
    rounds: Count = 8


FULL = Effort()
QUICK = Effort(
    voices=120,
    hard_negatives=60,
    negative_takes=3,
    sentences=1_440,
    validation_voices=30,
    training_hours=2.5,
    validation_hours=6.0,
    steps=8_000,
    rounds=5,
)


@dataclass(frozen=True)
class Lessons(Config):
    """What a training draws from its tracks, and how it learns.

    The numbers of windows are those of one optimiser step.

    Attributes:
        with_phrase: windows in which the phrase ended a moment ago.
        after_speech: windows in which something else did.
        anywhere: windows from anywhere without the phrase.
        mined: windows of false accepts that were found; from anywhere as long as there are none.
        learning_rate: the largest.
        weight_decay: decoupled, of AdamW.
        label_smoothing: share of each target that is spread over both classes; any of it draws the phrase and the
            loudest false accepts together.
        average_steps: steps over which the weights are averaged, as a share of all.
    """

    with_phrase: Count = 16
    after_speech: Count = 16
    anywhere: Count = 16
    mined: Count = 16
    learning_rate: Positive = 1e-2
    weight_decay: Positive = 2e-3
    label_smoothing: Share = 0.0
    average_steps: Share = 0.02


@dataclass(frozen=True)
class NetworkLimits(Config):
    """What a network may cost.

    Attributes:
        max_macs: MACs of one window.
        max_kib: KiB of the int8 file.
        max_arena_kib: KiB of its arena in TensorFlow Lite Micro, measured where the package tflite-micro is installed.
        max_latency_us: time of one answer of the int8 file on this machine, µs.
    """

    max_macs: Positive | None = None
    max_kib: Positive | None = None
    max_arena_kib: Positive | None = None
    max_latency_us: Positive | None = None


@dataclass(frozen=True)
class WakewordConfig(Config):
    """What determines a detector that is made from text.

    Attributes:
        phrase: as it is written.
        phonemes: its pronunciation in ARPAbet, as "K AH0 M P Y UW1 T ER0"; empty for the usual one.
        language: of the phrase.
        engines: synthesisers, separated by commas; empty for all that are installed.
        quick: a first detector in a quarter of an hour.
        seed: keys every random draw.
        front_end: from audio to the rows that the network hears.
        model: a network of the registry; empty for the best known one within the limits.
        false_accepts_per_hour: that the threshold is to keep to on the validation tracks.
        sizes: how much is made, in place of what `quick` says.
    """

    phrase: str = ""
    phonemes: str = ""
    language: str = "en"
    engines: tuple[Engine, ...] = ()
    quick: bool = False
    seed: Seed = 0
    front_end: str = "logmel-40x98"
    model: str = ""
    false_accepts_per_hour: Positive = 0.5
    sizes: Effort | None = None

    @property
    def effort(self) -> Effort:
        """How much is made, laid and learnt."""
        return self.sizes or (QUICK if self.quick else FULL)
