"""The loop on the device: it learns, its chunks join, and it stops when its time is over."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.gpu.optimiser import AdamW
from benchmarks.gpu.training import Loop, load_state, make_loop, run_in_chunks, save_state, save_weights

jax = pytest.importorskip("jax")


class Linear:
    """A network of one matrix that counts its batches, as Keras' `stateless_call` would be called."""

    def stateless_call(self, weights: Any, others: Any, maps: Any, training: bool) -> Any:
        return maps @ weights[0], [others[0] + int(training)]


def draw(key: Any) -> Any:
    """Two classes that one feature tells apart."""
    labels = jax.random.randint(key, (16,), 0, 2)
    return jax.numpy.stack([labels * 2.0 - 1.0, jax.random.normal(key, (16,))], 1), labels


def fresh(optimiser: AdamW) -> tuple[Loop, Any]:
    weights = [jax.numpy.zeros((2, 2))]
    others = [jax.numpy.zeros((), jax.numpy.int32)]
    carry = (weights, others, optimiser.start(weights), jax.random.PRNGKey(0), jax.numpy.zeros(()))
    return make_loop(Linear(), draw, optimiser, classes=2), carry


def test_it_learns_and_keeps_what_training_changes_besides() -> None:
    optimiser = AdamW(rate=0.05, steps=60, warmup=5)
    loop, carry = fresh(optimiser)
    carry, rows = run_in_chunks(loop, carry, 0, 60, lambda: False)
    assert rows[-1]["steps"] == int(carry[2][0]) == int(carry[1][0]) == 60
    assert rows[0]["loss"] == pytest.approx(np.log(2), abs=0.05) and rows[-1]["loss"] < 0.4
    maps, labels = draw(jax.random.PRNGKey(9))
    assert (np.asarray(loop.answer(carry[0], carry[1], maps)).argmax(1) == labels).all()


def test_chunks_of_any_length_give_the_same_weights() -> None:
    optimiser = AdamW(rate=0.05, steps=9, warmup=2)
    loop, carry = fresh(optimiser)
    whole = loop.run(carry, 9)
    loop, carry = fresh(optimiser)
    for steps in (2, 3, 4):
        carry = loop.run(carry, steps)
    assert np.asarray(carry[0][0]) == pytest.approx(np.asarray(whole[0][0]), abs=1e-6)


def test_it_stops_when_time_is_over_and_goes_on_from_its_state(tmp_path: Path) -> None:
    optimiser = AdamW(rate=0.05, steps=30, warmup=2)
    loop, carry = fresh(optimiser)
    straight, _ = run_in_chunks(loop, carry, 0, 30, lambda: False)
    loop, carry = fresh(optimiser)
    late = iter([False, True])
    carry, rows = run_in_chunks(loop, carry, 0, 30, lambda: next(late))
    assert 0 < int(carry[2][0]) == rows[-1]["steps"] < 30
    save_state(tmp_path / "state.npz", carry)
    loop, empty = fresh(optimiser)
    carry = load_state(tmp_path / "state.npz", empty)
    carry, rows = run_in_chunks(loop, carry, int(carry[2][0]), 30, lambda: False)
    assert rows[-1]["steps"] == 30
    assert np.asarray(carry[0][0]) == pytest.approx(np.asarray(straight[0][0]), abs=1e-6)


def test_weights_lie_in_keras_order(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.npz", [np.ones(2), np.zeros(3)], [np.arange(4)])
    with np.load(tmp_path / "w.npz") as stored:
        assert sorted(stored) == ["o0", "w0", "w1"] and stored["w1"].shape == (3,)
