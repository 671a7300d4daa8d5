"""What a run will do and about how long it takes, before it begins."""

from collections.abc import Sequence

from tfkws.config.wakeword import WakewordConfig
from tfkws.pipeline.wakeword.laying import PIECE, TRACKS, pieces
from tfkws.pipeline.wakeword.speech import Said
from tfkws.speech.phrase import Phrase

# Seconds on one AVX-512 core, measured on a machine with nothing else to do.
SECONDS_TO_SAY = {"espeak": 0.02, "flite": 0.05, "pico": 0.08, "piper": 0.4, "kokoro": 1.1}
SECONDS_A_SENTENCE = {"kokoro": 2.8}
SECONDS_A_TRACK_SECOND = 0.004
SECONDS_A_STEP = 0.012  # of both cores
SECONDS_TO_ANSWER_AN_HOUR = 5.0
SECONDS_OF_THE_REST = 60.0


def plan_lines(
    phrase: Phrase,
    config: WakewordConfig,
    engines: Sequence[str],
    everything: Sequence[Said],
    has_speech: bool,
    workers: int,
) -> list[str]:
    """Return what each stage does and its time on a machine like the one that was measured.

    Args:
        everything: of `all_said`.
    """
    seconds = stage_seconds(config, everything, workers)
    total = sum(seconds.values())
    effort = config.effort
    lines = [
        f"plan for {phrase.text!r}, {_minutes(total)} in all on {workers} cores like those that were measured:",
        f"  speech    {_minutes(seconds['speech'])}: {', '.join(engines)}; what was said before is kept",
        f"  tracks    {_minutes(seconds['tracks'])}: {effort.training_hours:g} h to learn from, "
        f"{effort.validation_hours:g} h to choose the threshold",
        f"  training  {_minutes(seconds['training'])}: {effort.steps} steps in {effort.rounds} rounds",
        f"  detector  {_minutes(seconds['detector'])}: int8, threshold, bundle",
    ]
    if not has_speech:
        lines.append("  no recorded speech is given (--speech): what people say is stood for by synthesised sentences")
    return lines


def stage_seconds(config: WakewordConfig, everything: Sequence[Said], workers: int) -> dict[str, float]:
    """Return the seconds that each stage takes."""
    effort = config.effort
    said = 0.0
    for each in everything:
        engine = each.request.voice.engine
        own = SECONDS_TO_SAY.get(engine, 1.0)
        said += SECONDS_A_SENTENCE.get(engine, own) if each.kind == "sentence" else own
    laid = sum(pieces(split, config) * PIECE * TRACKS[split].seconds for split in TRACKS)
    heard = effort.validation_hours * (effort.rounds / 2 + 3) + effort.training_hours * effort.rounds
    return {
        "speech": said / workers,
        "tracks": laid * SECONDS_A_TRACK_SECOND / workers,
        "training": effort.steps * SECONDS_A_STEP + heard * SECONDS_TO_ANSWER_AN_HOUR,
        "detector": SECONDS_OF_THE_REST,
    }


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
