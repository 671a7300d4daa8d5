"""One training wholly on the device, in chunks of a compiled loop that last about a second. A process of its own.

python3 -m benchmarks.gpu.training FOLDER RESULTS NETWORK --seed 0 --scale 1 --until SECONDS
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gpu.byte_maps import ByteMaps, load_maps
from benchmarks.gpu.draws import Draw, make_draw, to_features, to_powers
from benchmarks.gpu.optimiser import AdamW
from benchmarks.gpu.prepared import Network, maps_path, read_plan, run_path
from benchmarks.gpu.results import training_stem
from tfkws.config import AugmentConfig, FeatureConfig, RunConfig
from tfkws.run_folder import read_json, whole_file, write_json

CHUNK_SECONDS = 1.0  # a longer one cannot be stopped, a shorter one waits for Python
FIRST_STEPS = 2
SMOOTHING = 0.05
WARMUP_SHARE = 0.025
EVALUATED_AT_ONCE = 256
LARGEST_KEPT = 5_000_000  # parameters; of a larger network weights and state, up to gigabytes, are not kept


@dataclass(frozen=True)
class Loop:
    """A training as compiled functions.

    Attributes:
        run: (state, key, steps) to (state, sum of losses); the state's buffers are used up.
        answer: (weights, others, maps) to logits.
    """

    run: Callable[..., Any]
    answer: Callable[..., Any]


def make_loop(network: Any, draw: Draw, optimiser: AdamW, classes: int) -> Loop:
    """Compile nothing yet; a number of steps is an argument, so that chunks of any length share one program."""
    import jax
    import jax.numpy as jnp

    def loss(weights: Any, others: Any, maps: Any, labels: Any) -> Any:
        logits, others = network.stateless_call(weights, others, maps, training=True)
        targets = jax.nn.one_hot(labels, classes) * (1 - SMOOTHING) + SMOOTHING / classes
        return -(targets * jax.nn.log_softmax(logits.astype(jnp.float32))).sum(-1).mean(), others

    def step(_: Any, carry: Any) -> Any:
        weights, others, state, key, total = carry
        key, now = jax.random.split(key)
        (value, others), gradients = jax.value_and_grad(loss, has_aux=True)(weights, others, *draw(now))
        weights, state = optimiser.step(weights, gradients, state)
        return weights, others, state, key, total + value

    def run(carry: Any, steps: Any) -> Any:
        *rest, _ = carry
        return jax.lax.fori_loop(0, steps, step, (*rest, jnp.zeros(())))

    def answer(weights: Any, others: Any, maps: Any) -> Any:
        return network.stateless_call(weights, others, maps, training=False)[0].astype(jnp.float32)

    return Loop(jax.jit(run, donate_argnums=0), jax.jit(answer))


def run_in_chunks(
    loop: Loop, carry: Any, done: int, steps: int, is_late: Callable[[], bool]
) -> tuple[Any, list[dict[str, float]]]:
    """Run the steps after the first `done`, or as many as there is time for.

    Returns:
        The state, and a row a chunk: steps so far, mean loss, seconds.
    """
    rows: list[dict[str, float]] = []
    chunk = min(FIRST_STEPS, max(steps - done, 1))
    while done < steps and not is_late():
        began = time.perf_counter()
        carry = loop.run(carry, chunk)
        total = float(carry[-1])
        seconds = time.perf_counter() - began
        done += chunk
        rows.append({"steps": done, "loss": total / chunk, "seconds": seconds})
        if len(rows) > 1:  # the first chunk compiled
            chunk = max(1, int(chunk * CHUNK_SECONDS / max(seconds, 1e-3)))
        chunk = min(chunk, max(steps - done, 1))
    return carry, rows


def train(
    network: Network, folder: Path, results: Path, seed: int, scale: float, until: float, policy: str = "float32"
) -> None:
    """Train one network, score it, and write its JSON and its weights.

    Args:
        scale: of the number of steps.
        until: seconds of Unix time at which the training stops, finished or not.
        policy: Keras' name of the number types that are computed in.
    """
    import jax
    import keras

    config = RunConfig.from_dict(read_json(run_path(folder, network.task)))
    splits, labels = load_maps(maps_path(folder, network.task))
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(seed)
    model = build_logits(network, config)
    weights = [jax.numpy.array(variable.value) for variable in model.trainable_variables]
    others = [jax.numpy.array(variable.value) for variable in model.non_trainable_variables]
    steps = max(1, round(network.steps(len(labels["training"])) * scale))
    optimiser = AdamW(network.learning_rate, steps, warmup=round(WARMUP_SHARE * steps))
    draw = make_draw(
        splits["training"], labels["training"], splits["noise"], config.features, AugmentConfig(), network.batch
    )
    loop = make_loop(model, draw, optimiser, len(config.labels))
    carry = (weights, others, optimiser.start(weights), jax.random.PRNGKey(seed), jax.numpy.zeros(()))
    stem = results / training_stem(network.name, seed)
    state = stem.with_name(f"{stem.name}-state.npz")
    carry = load_state(state, carry) if state.exists() else carry
    before, began = int(carry[2][0]), time.time()
    carry, rows = run_in_chunks(loop, carry, before, steps, lambda: time.time() > until)
    averaged, others = carry[2][-1], carry[1]
    shares = {
        split: accuracy(loop, averaged, others, splits[split], labels[split], config.features)
        for split in ("validation", "testing")
    }
    done = int(carry[2][0])
    if model.count_params() < LARGEST_KEPT:
        save_weights(stem.with_suffix(".npz"), averaged, others)
        if done < steps:
            save_state(state, carry)
    write_json(
        stem.with_suffix(".json"),
        {
            "network": network.name, "task": network.task, "seed": seed, "steps": done, "steps_before": before,
            "planned_steps": steps,
            "finished": done >= steps, "policy": policy, "batch": network.batch, "learning_rate": network.learning_rate,
            "weight_decay": optimiser.decay, "average_decay": optimiser.average, "label_smoothing": SMOOTHING,
            "augmentation": "shift, gain and noise on band powers, on the device", "accuracy_on_byte_maps": shares,
            "seconds": time.time() - began, "chunks": rows, "device": jax.devices()[0].device_kind,
            "jax": jax.__version__, "keras": keras.__version__, "commit": read_plan(folder).commit,
        },
    )  # fmt: skip


def build_logits(network: Network, config: RunConfig) -> Any:
    """Build a network of the task that ends before its softmax."""
    import keras

    from tfkws.models import build_model

    whole = build_model(network.name, input_shape=config.features.input_shape, num_classes=len(config.labels))
    return keras.Model(whole.input, whole.get_layer("logits").output)


def accuracy(
    loop: Loop, weights: Any, others: Any, maps: ByteMaps, labels: np.ndarray, features: FeatureConfig
) -> float:
    """Return the share of clips that are answered rightly; of maps that were rounded to bytes."""
    right = 0
    for start in range(0, len(labels), EVALUATED_AT_ONCE):
        part = maps.values[start : start + EVALUATED_AT_ONCE]
        padded = np.pad(part, ((0, EVALUATED_AT_ONCE - len(part)), (0, 0), (0, 0)))
        logits = loop.answer(weights, others, to_features(to_powers(padded, maps, features), features))
        right += int((np.asarray(logits).argmax(1)[: len(part)] == labels[start : start + len(part)]).sum())
    return right / len(labels)


def save_state(path: Path, carry: Any) -> None:
    """Write the state of a training that is not finished."""
    import jax

    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, *map(np.asarray, jax.tree.leaves(carry)))


def load_state(path: Path, carry: Any) -> Any:
    """Return the state that `save_state` wrote, in the form of `carry`."""
    import jax

    with np.load(path, allow_pickle=False) as stored:
        leaves = [jax.numpy.asarray(stored[f"arr_{i}"]) for i in range(len(stored.files))]
    return jax.tree.unflatten(jax.tree.structure(carry), leaves)


def save_weights(path: Path, weights: list[Any], others: list[Any]) -> None:
    """Write weights in Keras' order: w0, w1, ... that are trained, then o0, o1, ... the others."""
    arrays = {f"w{i}": np.asarray(value, np.float32) for i, value in enumerate(weights)}
    arrays |= {f"o{i}": np.asarray(value) for i, value in enumerate(others)}
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)


def main(arguments: list[str]) -> None:
    """Train the network that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("network")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--until", type=float, required=True)
    parser.add_argument("--policy", default="float32")
    asked = parser.parse_args(arguments)
    (network,) = read_plan(asked.folder).only([asked.network]).networks
    train(network, asked.folder, asked.results, asked.seed, asked.scale, asked.until, asked.policy)


if __name__ == "__main__":
    main(sys.argv[1:])
