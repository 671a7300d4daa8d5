"""The training of one network on tracks, in rounds: learn, find false accepts, judge; kept after each round."""

import io
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import FeatureConfig, ModelConfig
from tfkws.config.wakeword import Lessons, WakewordConfig
from tfkws.errors import RunFolderError
from tfkws.models import build_model
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.run_folder import write_bytes
from tfkws.strict_arrays import read_arrays
from tfkws.wakeword.judging import answers_to, misses_around
from tfkws.wakeword.learning import Course, training_recipe
from tfkws.wakeword.rows import Rows
from tfkws.wakeword.windows import Span, Variety

CHECKPOINT = "course.npz"
RETRAINING_RATE = 0.3  # of the usual rate
JUDGED_FROM = 0.5  # share of the rounds after which weights may be kept
MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Round:
    """What one round came to.

    Attributes:
        steps: done at its end.
        mined: windows of false accepts that the next round learns from.
        misses: share of phrases on validation tracks, as `misses_around` the wanted rate of false accepts tells it;
            None where no threshold gives it.
        threshold: for that.
    """

    steps: int
    mined: int
    misses: float | None
    threshold: float | None


@dataclass
class Kept:
    """How far a training is, and the best weights so far."""

    rounds: list[Round]
    best: list[np.ndarray]


def train_rounds(
    config: WakewordConfig,
    model: ModelConfig,
    features: FeatureConfig,
    training: Rows,
    validation: Rows,
    folder: Path,
    progress: StageProgress,
    earlier: Any | None = None,
    lessons: Lessons = Lessons(),
) -> tuple[Any, tuple[Round, ...]]:
    """Train in rounds, or go on after the last one that was kept; return the network with its best weights.

    Args:
        features: normalised.
        earlier: trained network of the same kind to begin with, at a lower rate; None for fresh weights.
    """
    import keras

    effort = config.effort
    keras.utils.set_random_seed(config.seed)
    network = build_model(model.name, input_shape=features.input_shape, num_classes=2, **model.variant)
    if earlier is not None:
        network.set_weights(earlier.get_weights())
        lessons = replace(lessons, learning_rate=RETRAINING_RATE * lessons.learning_rate)
    recipe = training_recipe(lessons, effort.steps, config.seed)
    course = Course(network, features, training, recipe, lessons, Span(features.frames), Variety())
    kept = _restored(folder / CHECKPOINT, course)
    with progress.bar("learn") as advance:
        for number in range(len(kept.rounds), effort.rounds):
            course.learn(
                effort.steps * (number + 1) // effort.rounds,
                lambda done, total, loss: advance(done, total, _note(kept)),
            )
            last = number == effort.rounds - 1
            mined = 0 if last else course.mine()
            judged = number + 1 >= JUDGED_FROM * effort.rounds
            misses, threshold = judge(course, config, validation) if judged else (None, None)
            if last or is_better(misses, kept.rounds):
                kept.best = course.learner.averaged_weights() if is_better(misses, kept.rounds) else kept.best
            kept.rounds.append(Round(course.done, mined, misses, threshold))
            _keep(folder / CHECKPOINT, course, kept)
    best = kept.best or course.learner.averaged_weights()
    network = course.learner.model
    network.set_weights(best)
    return network, tuple(kept.rounds)


def judge(course: Course, config: WakewordConfig, rows: Rows) -> tuple[float | None, float | None]:
    """Return misses around the wanted rate, and the threshold for it, by the weights that would be kept now."""
    answers = answers_to(rows, config.phrase, course.features, course.answer, "synthetic")
    return misses_around(answers, config.false_accepts_per_hour) or (None, None)


def is_better(misses: float | None, before: list[Round]) -> bool:
    """Return whether a round misses no more than every round before it."""
    known = [each.misses for each in before if each.misses is not None]
    return misses is not None and misses <= min(known, default=1.0)


def _note(kept: Kept) -> str:
    known = [each.misses for each in kept.rounds if each.misses is not None]
    return f"misses {100 * known[-1]:.1f} % (synthetic)" if known else ""


def _keep(path: Path, course: Course, kept: Kept) -> None:
    about = json.dumps([asdict(each) for each in kept.rounds]).encode()
    arrays = {"about": np.frombuffer(about, np.uint8), "mined": course.mined}
    arrays |= {f"state{number}": value for number, value in enumerate(course.learner.state())}
    arrays |= {f"best{number}": value for number, value in enumerate(kept.best)}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def _restored(path: Path, course: Course) -> Kept:
    """Put a course where its last round ended.

    Raises:
        RunFolderError: the checkpoint is damaged.
    """
    if not path.exists():
        return Kept([], [])
    try:
        arrays = read_arrays(path, MOST_BYTES)
        rounds = [Round(**values) for values in json.loads(arrays["about"].tobytes())]
        # The network first: taking it hands back what the compiled step holds.
        course.learner.model.get_weights()
        course.learner.set_state(_numbered(arrays, "state"))
        course.mined, course.done = arrays["mined"], rounds[-1].steps
        return Kept(rounds, _numbered(arrays, "best"))
    except (ValueError, TypeError, LookupError) as error:
        raise RunFolderError(f"{path} is damaged ({error}); remove it, and the training begins anew.") from error


def _numbered(arrays: dict[str, np.ndarray], prefix: str) -> list[np.ndarray]:
    count = sum(name.startswith(prefix) for name in arrays)
    return [arrays[f"{prefix}{number}"] for number in range(count)]
