"""The engines by name."""

from tfkws.speech.engines import espeak, flite, kokoro, pico, piper
from tfkws.speech.engines.engine import Engine

ENGINES: dict[str, Engine] = {
    engine.name: engine for engine in (espeak.ENGINE, kokoro.ENGINE, piper.ENGINE, pico.ENGINE, flite.ENGINE)
}
