"""The libraries whose front ends are timed, and what of theirs differs from ours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FrontEndVariant:
    """One library.

    Attributes:
        package: as it is imported, and a key of `benchmarks.speed.features.front_ends.LIBRARIES`.
        install: the line that installs it.
        note: what differs from `mfcc-40x32`; "" for nothing that takes time.
    """

    package: str
    install: str
    note: str = ""


OURS = "tfkws"
VARIANTS = (
    FrontEndVariant(OURS, "pip install tfkws"),
    FrontEndVariant("librosa", "pip install librosa"),
    FrontEndVariant("torchaudio", "pip install torchaudio"),
    FrontEndVariant("tensorflow", "pip install tensorflow", "`tf.signal` in a traced function"),
    FrontEndVariant("kaldi_native_fbank", "pip install kaldi-native-fbank", "Kaldi's own windows and mel scale"),
    FrontEndVariant("python_speech_features", "pip install python_speech_features", "not centred: 29 frames"),
    FrontEndVariant(
        "pymicro_features", "pip install pymicro-features", "40 bands of 30 ms every 10 ms, fixed point, no cepstra"
    ),
)
