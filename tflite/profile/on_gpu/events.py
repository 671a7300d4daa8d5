"""Whether LiteRT's GPU accelerator tells what its operators take, asked in a child process. In 2.3.0 it does not.

`python -m tfkws.tflite.profile.on_gpu.events FILE` prints JSON: the events of a few runs, or why there are none.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tfkws.errors import ProfileParseError, TfkwsError
from tfkws.profiling.measure.gpu_operators import GpuKernel
from tfkws.strict_json import parse_json
from tfkws.tflite.gpu.interpreter import accelerator_library
from tfkws.tflite.profile.kernel_events import kernel_rows
from tfkws.tflite.profile.litert_library import GPU, CompiledModel
from tfkws.tflite.runtime.runtimes import runtime_version

CHILD = (sys.executable, "-m", "tfkws.tflite.profile.on_gpu.events")
SECONDS, RUNS = 120.0, 10


def operator_events(content: bytes, child: Sequence[str] = CHILD) -> tuple[list[dict[str, Any]], str]:
    """Return the profiler's events of a few runs on the GPU, and a sentence that says whether there are any.

    Args:
        content: of a file that the accelerator takes.
        child: words that start the process.
    """
    library = f"LiteRT {runtime_version('litert')}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.tflite"
        file.write_bytes(content)
        try:
            done = subprocess.run(
                [*child, str(file)],
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=SECONDS,
                env=_environment(),
                check=False,
            )
            answer = parse_json(done.stdout.strip().splitlines()[-1])
            events, why = list(answer["events"]), str(answer["why"])
        except (subprocess.TimeoutExpired, IndexError, ValueError, KeyError, TypeError):
            events, why = [], "the process that asked for them did not answer"
    if events:
        return events, f"{library}'s accelerator gives {len(events)} operator events; they stand in the result file."
    return [], f"{library}'s accelerator gives no operator events ({why or 'none came'})."


def kernels_of(events: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> tuple[GpuKernel, ...]:
    """Make one row a kernel of the events of the main subgraph.

    Args:
        events: of `operator_events`.
        numbers: of the operators (int), in the order of the file that the accelerator was given.

    Raises:
        ProfileParseError: the runs did not run the same kernels, or an event lacks what each has.
    """
    try:
        main = [(e["tag"], e["event_type"], e["node"], e["elapsed_us"]) for e in events if e["subgraph"] == 0]
    except KeyError as error:
        raise ProfileParseError(f"An event of the accelerator lacks {error}; use another version of LiteRT.") from None
    rows = kernel_rows(main)
    return tuple(
        GpuKernel(row.kernel, None if row.node is None else dict(enumerate(numbers)).get(row.node), row.time_us)
        for row in rows
    )


def _environment() -> dict[str, str]:
    """The accelerator looks for its libraries where the loader does."""
    folders = [str(accelerator_library().parent), os.environ.get("LD_LIBRARY_PATH", "")]
    return {
        "XDG_RUNTIME_DIR": tempfile.gettempdir(),
        **os.environ,
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, folders)),
    }


def record_events(path: Path) -> dict[str, Any]:
    """Run a file under LiteRT's profiler on the GPU, in this process.

    Returns:
        events (each as a `ProfilerEvent`) and why (there are none).
    """
    try:
        model = CompiledModel(path, 1, "xnnpack", GPU)
        model.run()
        model.start_profiler()
        for _ in range(RUNS):
            model.run()
        model.stop_profiler()
        return {"events": [asdict(event) for event in model.events()], "why": ""}
    except TfkwsError as error:
        return {"events": [], "why": str(error).rstrip(".")}


if __name__ == "__main__":
    sys.stdout.write(f"\n{json.dumps(record_events(Path(sys.argv[1])))}\n")
    sys.stdout.flush()
    os._exit(0)
