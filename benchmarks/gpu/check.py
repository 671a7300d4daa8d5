"""The first half minute: is there a card, do the carried packages load, does one network run? A process of its own.

python3 -m benchmarks.gpu.check FOLDER RESULTS NETWORK --device gpu
"""

import argparse
import importlib.metadata
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu.prepared import read_plan
from benchmarks.gpu.results import CHECK
from tfkws.errors import TfkwsError
from tfkws.run_folder import write_json

MISSING = (ImportError, RuntimeError, ValueError, OSError, TfkwsError)  # JAX says RuntimeError where it has no card
PACKAGES = ("jax", "jaxlib", "keras", "numpy", "optree", "ai-edge-litert")


def main(arguments: list[str]) -> int:
    """Check, write what was found, and return 0; or print one sentence and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("network")
    parser.add_argument("--device", default="gpu")
    asked = parser.parse_args(arguments)
    try:
        found = check(asked.folder, asked.network, asked.device)
    except MISSING as error:
        print(f"This machine cannot run the program: {type(error).__name__}: {str(error).splitlines()[0]}")
        return 1
    write_json(asked.results / CHECK, found)
    print(f"{found['card']}; {asked.network} answered {found['first_answer_s']:.1f} s after the start of its process.")
    return 0


def check(folder: Path, name: str, device: str) -> dict[str, Any]:
    """Find the card and run one network on it.

    Raises:
        ImportError, RuntimeError, ValueError, OSError, TfkwsError: something is missing.
    """
    began = time.time()
    import jax
    import keras

    from benchmarks.gpu.latency import build_network
    from tfkws.profiling.measure import backend
    from tfkws.profiling.trace.program import compile_network

    (network,) = read_plan(folder).only([name]).networks
    with backend.on_device(device):
        compile_network(*build_network(network, batch=1), device).call()
    return {
        "card": jax.devices()[0].device_kind,
        "devices": len(jax.devices()),
        "packages": {package: _version(package) for package in PACKAGES},
        "python": sys.version.split()[0],
        "first_answer_s": time.time() - began,
        "backend": keras.backend.backend(),
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
