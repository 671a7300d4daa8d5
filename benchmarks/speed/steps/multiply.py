"""The machine's multiply rate: NumPy's float32 product of two 2048 x 2048 matrices, by all threads, as one run."""

from collections.abc import Callable
from typing import Any

import numpy as np

SIZE = 2048
MACS = SIZE**3


def prepare(**_: Any) -> tuple[Callable[[int], float], dict[str, Any]]:
    """Return a call that multiplies once, and facts."""
    rng = np.random.default_rng(0)
    left, right = (rng.normal(size=(SIZE, SIZE)).astype(np.float32) for _ in range(2))
    out = np.empty_like(left)

    def multiply(_: int) -> float:
        np.matmul(left, right, out=out)
        return float(out[0, 0])

    return multiply, runtime()


def runtime() -> dict[str, Any]:
    """Return NumPy's version and the threads of its BLAS, where threadpoolctl is there to tell."""
    import os

    found: dict[str, Any] = {"version": np.__version__, "threads": len(os.sched_getaffinity(0))}
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return found
    for pool in threadpool_info():
        if pool["user_api"] == "blas":
            found |= {"threads": pool["num_threads"], "kernels": pool.get("architecture", "")}
    return found
