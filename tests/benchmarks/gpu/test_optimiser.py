"""AdamW against its equations in NumPy, step by step."""

import numpy as np
import pytest

from benchmarks.gpu.optimiser import AdamW

jax = pytest.importorskip("jax")


def test_ten_steps_are_those_of_the_equations() -> None:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(3, 2)), rng.normal(size=4)]
    optimiser = AdamW(rate=0.1, steps=10, warmup=3, decay=0.05, average=0.9)
    ours = [jax.numpy.asarray(w, jax.numpy.float32) for w in weights]
    state = optimiser.start(ours)
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    average = [w.copy() for w in weights]
    for step in range(10):
        gradients = [rng.normal(size=w.shape) for w in weights]
        ours, state = optimiser.step(ours, [jax.numpy.asarray(g, jax.numpy.float32) for g in gradients], state)
        rate = 0.1 * ((step + 1) / 3 if step < 3 else 0.5 * (1 + np.cos(np.pi * (step - 3) / 7)))
        for i, gradient in enumerate(gradients):
            first[i] = 0.9 * first[i] + 0.1 * gradient
            second[i] = 0.999 * second[i] + 0.001 * gradient**2
            adam = first[i] / (1 - 0.9 ** (step + 1)) / (np.sqrt(second[i] / (1 - 0.999 ** (step + 1))) + 1e-8)
            decay = 0.05 * weights[i] if weights[i].ndim > 1 else 0
            weights[i] = weights[i] - rate * (adam + decay)
            average[i] = 0.9 * average[i] + 0.1 * weights[i]
    for found, true, kept, mean in zip(ours, weights, state[-1], average, strict=True):
        assert np.asarray(found) == pytest.approx(true, abs=1e-4)
        assert np.asarray(kept) == pytest.approx(mean, abs=1e-4)
    assert int(state[0]) == 10


def test_no_buffer_stands_for_two_things() -> None:
    weights = [jax.numpy.ones((2, 2))]
    leaves = jax.tree.leaves((weights, AdamW(0.1, 5, 1).start(weights)))
    assert len({id(leaf) for leaf in leaves}) == len(leaves)
