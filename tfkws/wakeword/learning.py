"""Learning one phrase from tracks: batches drawn by kind, false accepts found and learnt from in rounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.config import FeatureConfig, TrainConfig
from tfkws.config.wakeword import Lessons
from tfkws.training.learner import Learner
from tfkws.training.schedules import learning_rate
from tfkws.wakeword.rows import Rows
from tfkws.wakeword.windows import NO, YES, Span, Variety, classes_of, draw_windows, scored, warp_matrices

AFTER_SPEECH = range(-3, 25)  # frames after the end of something that was said, where false accepts happen
MINING_STRIDE = 7  # frames; no divisor of the hop at which answers are asked for
MOST_SCORED = 150_000
MOST_MINED = 8_000
LOUD = 0.2  # a window that scores less is no false accept to learn from


def training_recipe(lessons: Lessons, steps: int, seed: int) -> TrainConfig:
    """Return how a network learns, in the terms of every other training."""
    batch = lessons.with_phrase + lessons.after_speech + lessons.anywhere + lessons.mined
    return TrainConfig(
        recipe="wakeword",
        optimizer="adamw",
        learning_rate=lessons.learning_rate,
        weight_decay=lessons.weight_decay,
        batch_size=batch,
        iterations=steps,
        schedule="cosine",
        warmup_iterations=steps // 10,
        label_smoothing=lessons.label_smoothing,
        average_decay=max(0.0, 1 - 1 / max(1.0, lessons.average_steps * steps)),
        augment=None,
        seed=seed,
    )


@dataclass(frozen=True)
class Places:
    """Where windows of each kind end: int64 (n,) each.

    Attributes:
        words: (n, 2), as in `Rows`.
        speech: ends a moment after something else was said.
        without: every end without the phrase.
    """

    classes: np.ndarray
    words: np.ndarray
    speech: np.ndarray
    without: np.ndarray


def places_of(rows: Rows, span: Span) -> Places:
    """Find the windows of each kind."""
    classes = classes_of(rows, span)
    after = (rows.others[:, 1:] + np.array(AFTER_SPEECH)).ravel()
    after = np.unique(after[(after >= 0) & (after < len(classes))])
    return Places(classes, rows.words, after[classes[after] == NO], np.flatnonzero(classes == NO))


class Course:
    """One network learning from tracks.

    Args:
        network: ends in the layers `logits` and `probabilities`, with two classes: other, phrase.
        features: the front end, normalised.
        mined: ends of windows to learn from besides, of an earlier round.

    Attributes:
        done: optimiser steps.
    """

    def __init__(
        self,
        network: Any,
        features: FeatureConfig,
        rows: Rows,
        recipe: TrainConfig,
        lessons: Lessons,
        span: Span,
        variety: Variety,
        mined: np.ndarray | None = None,
    ) -> None:
        self.learner = Learner(network, recipe)
        self.features, self.rows, self.recipe, self.lessons = features, rows, recipe, lessons
        self._span, self._variety = span, variety
        self._places = places_of(rows, span)
        self._warps = warp_matrices(features.bands, variety.warp)
        self.mined = np.zeros(0, np.int64) if mined is None else mined
        self.done = 0

    def learn(self, until: int, on_step: Callable[[int, int, float], None] | None = None) -> None:
        """Take optimiser steps until so many are done."""
        total = self.recipe.iterations or 0
        while self.done < until:
            rate = learning_rate(self.recipe, self.done, total)
            loss = self.learner.step(self.done, rate, *self.batch(self.done))
            self.done += 1
            if on_step is not None:
                on_step(self.done, total, loss)

    def batch(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw batch `number`: inputs float32 (b, h, w, 1) and classes int64 (b,)."""
        rng = np.random.default_rng((self.recipe.seed, number))
        positive = self._with_phrase(rng, self.lessons.with_phrase)
        places, lessons = self._places, self.lessons
        mined = self.mined if len(self.mined) else places.without
        near = places.speech if len(places.speech) else places.without
        kinds = ((near, lessons.after_speech), (places.without, lessons.anywhere), (mined, lessons.mined))
        negative = np.concatenate([kind[rng.integers(len(kind), size=count)] for kind, count in kinds])
        ends = np.concatenate([positive, negative])
        windows = draw_windows(self.rows.values, ends, self._span.frames, self._variety, rng, self._warps)
        classes = np.concatenate([np.ones(len(positive), np.int64), np.zeros(len(negative), np.int64)])
        return as_input(windows, self.features), classes

    def _with_phrase(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Ends of windows that hold the phrase, each phrase as likely as any other."""
        found = np.zeros(0, np.int64)
        while len(found) < count:
            words = self._places.words[rng.integers(len(self._places.words), size=2 * count)]
            ends = words[:, 1] + rng.integers(self._span.early, self._span.late + 1, size=len(words))
            ends = ends[ends < len(self._places.classes)]
            found = np.concatenate([found, ends[self._places.classes[ends] == YES]])
        return found[:count]

    def mine(self) -> int:
        """Find the loudest false accepts on the training tracks; return how many there are to learn from."""
        ends = self._places.without[self.done % MINING_STRIDE :: MINING_STRIDE]
        if len(ends) > MOST_SCORED:
            rng = np.random.default_rng((self.recipe.seed, self.done))
            ends = np.sort(rng.choice(ends, MOST_SCORED, replace=False))
        scores = self.scores(self.rows, ends)
        loudest = np.argsort(-scores)[:MOST_MINED]
        self.mined = ends[loudest[scores[loudest] > LOUD]]
        return len(self.mined)

    def scores(self, rows: Rows, ends: np.ndarray) -> np.ndarray:
        """Return the phrase's probability in windows, float32 (n,), as `answer` gives it."""
        return scored(rows.values, ends, self._span.frames, self.answer)

    def answer(self, windows: np.ndarray) -> np.ndarray:
        """Return the phrase's probability, float32 (b,), by the weights that would be kept now.

        Args:
            windows: float32 (b, frames, bands).
        """
        answers, _ = self.learner.judged(as_input(windows, self.features))
        return answers[:, 1]


def as_input(windows: np.ndarray, features: FeatureConfig) -> np.ndarray:
    """Normalise windows (b, frames, bands) as the front end does, and lay them out as the network takes them."""
    maps = windows
    if features.row_mean:
        maps = (windows - np.array(features.row_mean, np.float32)) / np.array(features.row_std, np.float32)
    if not features.time_first:
        maps = maps.transpose(0, 2, 1)
    return np.ascontiguousarray(maps[..., None], dtype=np.float32)
