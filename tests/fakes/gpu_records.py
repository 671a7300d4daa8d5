"""Records that a machine with a GPU sends back, made up."""

from collections.abc import Sequence
from typing import Any


def on_gpu(median_us: float, *, software: bool = False, whole: bool = True, off: float | None = 3e-8) -> dict[str, Any]:
    """Return a benchmark of a file by LiteRT on a card."""
    return on_core(median_us) | {
        "acceleration": {
            "adapter": {"name": "A card", "software": software}, "fully_accelerated": whole, "precision": "float32",
            "without_transfer": {"median_us": median_us / 2}, "first_call_us": 9e3, "largest_difference": off,
            "tolerance": 1e-4,
        }
    }  # fmt: skip


def on_core(median_us: float) -> dict[str, Any]:
    """Return a benchmark of a file by LiteRT on the processor beside the card."""
    return {"median_us": median_us, "p95_us": 2 * median_us, "load_us": 5e4, "threads": 1, "before": {"cpu": "A core"}}


def traced(name: str, layers: Sequence[str], latency_us: float) -> dict[str, Any]:
    """Return latency and trace of a network: a kernel of 1 µs for the first two layers together, and one a layer."""
    groups = [list(layers[:2]), *([layer] for layer in layers[2:])]
    rows = [{"layers": group, "kernels": 1.0, "kernel_names": ["k"], "busy_us": [1.0]} for group in groups]
    tails = {"p5": latency_us - 1, "p95": latency_us + 9, "n": 1, "samples": [latency_us]}
    return {
        "net": name, "input": [1], "classes": 2, "device": "A made-up card", "jax": "0", "keras": "3",
        "all_ready": True, "b1_us": {"median": latency_us, **tails},
        "trace": {"passes": 10, "busy_us": float(len(rows)), "kernels": float(len(rows)), "rows": rows},
    }  # fmt: skip


def training(network: str = "kws10", seed: int = 0, **changes: Any) -> dict[str, Any]:
    """Return a training, with its score on maps of bytes."""
    return {
        "network": network, "task": "commands", "seed": seed, "steps": 40_000, "planned_steps": 40_000, "batch": 100,
        "policy": "mixed_bfloat16", "device": "A card", "accuracy_on_byte_maps": {"validation": 0.95, "testing": 0.91},
        "chunks": [{"steps": n, "loss": 1 / n, "seconds": 1.0} for n in range(1, 101)], "learning_rate": 0.01,
    } | changes  # fmt: skip
