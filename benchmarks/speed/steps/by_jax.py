"""A step as a user of JAX writes it: one jitted function of weights, statistics and moments."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.speed.steps import recipe
from benchmarks.speed.steps.description import Layer

Tree = Any
BETAS, SMALL = (0.9, 0.999), 1e-8


def prepare(layers: list[Layer], shape: list[int], classes: int, batch: int) -> tuple[Any, dict[str, Any]]:
    """Draw weights, and return the step, and facts."""
    key = jax.random.key(0)
    weights, statistics = _initial(layers, shape, key)

    def loss(weights: Tree, statistics: Tree, maps: Any, labels: Any, key: Any) -> Any:
        logits, statistics = _forward(layers, weights, statistics, maps, key)
        targets = jax.nn.one_hot(labels, classes) * (1 - recipe.LABEL_SMOOTHING) + recipe.LABEL_SMOOTHING / classes
        return -(targets * jax.nn.log_softmax(logits)).sum(-1).mean(), statistics

    def update(state: Tree, maps: Any, labels: Any) -> Any:
        weights, statistics, first, second, average, number, key = state
        key, now = jax.random.split(key)
        (value, statistics), gradients = jax.value_and_grad(loss, has_aux=True)(weights, statistics, maps, labels, now)
        number = number + 1
        each = jax.tree.map
        first = each(lambda m, g: BETAS[0] * m + (1 - BETAS[0]) * g, first, gradients)
        second = each(lambda v, g: BETAS[1] * v + (1 - BETAS[1]) * g * g, second, gradients)
        scales = 1 - BETAS[0] ** number, 1 - BETAS[1] ** number

        def moved(w: Any, m: Any, v: Any) -> Any:
            move = m / scales[0] / (jnp.sqrt(v / scales[1]) + SMALL)
            return w - recipe.RATE * (move + recipe.WEIGHT_DECAY * w)

        weights = each(moved, weights, first, second)
        average = each(lambda a, w: recipe.AVERAGE_DECAY * a + (1 - recipe.AVERAGE_DECAY) * w, average, weights)
        return (weights, statistics, first, second, average, number, key), value

    compiled = jax.jit(update, donate_argnums=0)
    zeros = [jax.tree.map(jnp.zeros_like, weights) for _ in range(2)]
    state = [(weights, statistics, *zeros, jax.tree.map(jnp.array, weights), jnp.zeros(()), key)]

    def step(maps: np.ndarray, labels: np.ndarray) -> float:
        state[0], value = compiled(state[0], maps, labels)
        return float(value)

    count = sum(weight.size for weight in jax.tree.leaves(weights))
    return recipe.on_batches(step, shape, classes, batch), {"weights": count, **runtime()}


def runtime() -> dict[str, Any]:
    """Return version and threads; JAX's thread pool has one for each core that it may use."""
    import os

    return {"version": jax.__version__, "threads": len(os.sched_getaffinity(0))}


def _initial(layers: list[Layer], shape: list[int], key: Any) -> tuple[Tree, Tree]:
    """Return fresh weights and statistics by name of the layer, by running the layers once."""
    weights: Tree = {}
    statistics: Tree = {}
    x = {0: jnp.zeros((2, *shape))}
    draw = jax.nn.initializers.glorot_uniform()
    for number, layer in enumerate(layers):
        first = x[layer["inputs"][0]]
        name, kind, channels = layer["name"], layer["kind"], first.shape[-1]
        now = jax.random.fold_in(key, number)
        if kind in ("conv", "depthwise", "strided_rows"):
            kernel = layer.get("kernel", [3, 1])
            ends = (channels, layer["filters"]) if kind == "conv" else (1, channels)
            weights[name] = {"kernel": draw(now, (*kernel, *ends))}
            if layer.get("bias"):
                weights[name]["bias"] = jnp.zeros(ends[1])
        elif kind == "dense":
            weights[name] = {"kernel": draw(now, (channels, layer["units"])), "bias": jnp.zeros(layer["units"])}
        elif kind in ("norm", "band_norm"):
            size = (len(layer["bands"]), channels) if kind == "band_norm" else (channels,)
            weights[name] = {"scale": jnp.ones(size), "shift": jnp.zeros(size)}
            statistics[name] = {"mean": jnp.zeros(size), "variance": jnp.ones(size)}
        inputs = [x[each] for each in layer["inputs"]]
        x[layer["output"]] = _call(layer, weights.get(name), statistics.get(name), inputs, now)[0]
    return weights, statistics


def _forward(layers: list[Layer], weights: Tree, statistics: Tree, maps: Any, key: Any) -> tuple[Any, Tree]:
    x, after = {0: maps}, dict(statistics)
    for number, layer in enumerate(layers):
        name = layer["name"]
        inputs = [x[each] for each in layer["inputs"]]
        now = jax.random.fold_in(key, number) if "rate" in layer else None
        x[layer["output"]], changed = _call(layer, weights.get(name), statistics.get(name), inputs, now)
        if changed is not None:
            after[name] = changed
    return x[layers[-1]["output"]], after


def _call(layer: Layer, own: Any, running: Any, inputs: list[Any], key: Any) -> tuple[Any, Any]:
    """Return the output while training, and the statistics after it where the layer has some."""
    kind, x = layer["kind"], inputs[0]
    if kind in ("conv", "depthwise"):
        grouped = x.shape[-1] if kind == "depthwise" else 1
        x = _convolve(x, own["kernel"], layer["strides"], layer["padding"].upper(), layer["dilation"], grouped)
        return (x + own["bias"] if layer["bias"] else x), None
    if kind == "strided_rows":
        return _convolve(x, own["kernel"], (2, 1), ((1, 1), (0, 0)), (1, 1), x.shape[-1]), None
    if kind == "norm":
        return _normalise(x, own, running, layer)
    if kind == "band_norm":
        return _normalise_bands(x, own, running, layer)
    if kind == "dense":
        return x @ own["kernel"] + own["bias"], None
    if kind in ("dropout", "map_dropout"):
        shape = (x.shape[0], 1, 1, x.shape[-1]) if kind == "map_dropout" else x.shape
        kept = jax.random.bernoulli(key, 1 - layer["rate"], shape)
        return jnp.where(kept, x / (1 - layer["rate"]), 0.0), None
    if kind == "pad_frames":
        return jnp.pad(x, ((0, 0), (0, 0), (layer["width"],) * 2, (0, 0))), None
    if kind == "add":
        return x + inputs[1], None
    return _PLAIN[kind](x), None


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
    "mean_rows": lambda maps: maps.mean(1, keepdims=True),
    "mean": lambda maps: maps.mean((1, 2)),
    "rows_to_channels": lambda maps: maps.transpose(0, 2, 3, 1),
}


def _convolve(x: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, groups: int) -> Any:
    names = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(
        x, kernel, strides, padding, rhs_dilation=dilation, dimension_numbers=names, feature_group_count=groups
    )


def _normalise(x: Any, own: Any, running: Any, layer: Layer) -> tuple[Any, Any]:
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    scale = own["scale"] * lax.rsqrt(variance + layer["epsilon"])
    after = {"mean": _blend(running["mean"], mean, layer), "variance": _blend(running["variance"], variance, layer)}
    return x * scale + (own["shift"] - mean * scale), after


def _normalise_bands(x: Any, own: Any, running: Any, layer: Layer) -> tuple[Any, Any]:
    edges = np.cumsum(layer["bands"])[:-1]
    parts, changed = [], []
    for number, band in enumerate(jnp.split(x, edges, axis=1)):
        at = {key: values[number] for key, values in own.items()}
        part, after = _normalise(band, at, {key: values[number] for key, values in running.items()}, layer)
        parts.append(part)
        changed.append(after)
    return jnp.concatenate(parts, 1), jax.tree.map(lambda *each: jnp.stack(each), *changed)


def _blend(before: Any, now: Any, layer: Layer) -> Any:
    return layer["momentum"] * before + (1 - layer["momentum"]) * now
