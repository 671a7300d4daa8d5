"""One voice of one engine, its id, and the split that it belongs to."""

import hashlib
import re
from dataclasses import astuple, dataclass
from typing import Literal

from tfkws.data.draws import keyed_hash

VoiceSplit = Literal["training", "validation"]
_VALIDATION_ONE_IN = 5
_SALT = (
    "speaker 244"  # so that every engine has a speaker in training, and Kokoro three women and three men in validation
)


@dataclass(frozen=True)
class Voice:
    """How an engine is asked to speak.

    Attributes:
        engine: a name of `ENGINES`.
        name: the engine's own: a variant, a style, or a blend of two, "af_heart:0.60+am_adam:0.40".
        accent: of espeak-ng, which says what the text sounds like; empty where the engine has one only.
        rate: speed, 1.0 as the engine speaks by itself.
        pitch: factor of the frequencies, 1.0 as the engine speaks by itself.
        inflection: 0..1, how far the pitch moves; where an engine has that.
    """

    engine: str
    name: str
    accent: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    inflection: float = 0.5

    @property
    def id(self) -> str:
        """Return 8 hexadecimal digits of a hash of all of it, to stand as speaker id in a clip's name."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:8]

    @property
    def speakers(self) -> tuple[str, ...]:
        """Return whose voice it is: one name, or those that are blended."""
        return tuple(re.sub(r":.*", "", part) for part in self.name.split("+")) if self.name else ("",)

    @property
    def split(self) -> VoiceSplit:
        """Return the split of its speakers; blends are drawn from speakers of one split."""
        return split_of(self.engine, self.speakers[0])


def split_of(engine: str, speaker: str) -> VoiceSplit:
    """Return the split of a speaker, for ever: one in five is for validation, whatever else there is."""
    drawn = keyed_hash(_SALT, engine, speaker) % _VALIDATION_ONE_IN
    return "validation" if drawn == 0 else "training"
