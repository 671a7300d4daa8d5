"""The steps in order of worth, each with the time it may take: latency, the same files by LiteRT, trainings."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.gpu.children import Clock, Place, end, last_line, start, wait
from benchmarks.gpu.latency import READY
from benchmarks.gpu.prepared import FILES, Network, Plan
from benchmarks.gpu.results import is_finished, latency_path, litert_path, make_folders

CHECK_SECONDS = 30.0  # "in its first half minute"
LATENCY_SHARE, LITERT_SHARE = 0.4, 0.72  # of the whole time, when each step is over; 20 files took 0.52 of 9.6 min
COMPILE_SHARE = 0.22
LITERT_SECONDS = 25.0
SPARE_SECONDS = 20.0  # for scores and weights of the last training
RUNTIMES = ("litert-gpu", "litert-gpu-half", "litert")
POLL_SECONDS = 0.1
NOT_COMPILED = "ended before its first steps had compiled"


class CheckFailedError(Exception):
    """Something is missing on this machine; the message says what."""


def check(place: Place, plan: Plan, clock: Clock) -> None:
    """Check card, packages and one network.

    Raises:
        CheckFailedError: something is missing, or it took too long.
    """
    smallest = plan.networks[-1].name
    process = start(place, "check", [smallest, "--device", place.device], "check")
    ended = wait(process, CHECK_SECONDS if place.device == "gpu" else 4 * CHECK_SECONDS)
    said = last_line(place, "check")
    if not ended:
        raise CheckFailedError(said or f"The check said nothing; see {place.results / 'logs' / 'check.txt'}.")
    clock.say(said)


def measure_latency(place: Place, plan: Plan, clock: Clock, runs: int) -> None:
    """Compile all networks side by side, then measure each alone; what has not compiled in its time is left out."""
    todo = [network for network in plan.networks if not latency_path(place.results, network.name).exists()]
    with tempfile.TemporaryDirectory(prefix="tfkws-gpu-") as temporary:
        go = Path(temporary) / "go"
        options = ["--device", place.device, "--wait-for", str(go), "--runs", str(runs)]
        running = {n.name: start(place, "latency", [n.name, *options], f"latency-{n.name}") for n in todo}
        until = clock.after(COMPILE_SHARE)
        while time.time() < until and not all(
            (go.parent / f"{name}.{READY}").exists() or process.poll() is not None for name, process in running.items()
        ):
            time.sleep(POLL_SECONDS)
        for name, process in running.items():
            if process.poll() is None and not (go.parent / f"{name}.{READY}").exists():
                clock.say(f"{name} had not compiled in time")
                end(process)
        go.touch()
        for name, process in running.items():
            wait(process, clock.left(clock.after(LATENCY_SHARE)))
            clock.say(f"latency of {name}: {_latency(place, name) or last_line(place, f'latency-{name}')}")


def _latency(place: Place, name: str) -> str:
    path = latency_path(place.results, name)
    if not path.exists():
        return ""
    record = json.loads(path.read_text())
    return (
        f"{record['b1_us']['median']:.0f} µs, kernels {record['trace']['kernels']:.0f}, "
        f"busy {record['trace']['busy_us']:.0f} µs"
    )


def measure_litert(place: Place, plan: Plan, clock: Clock, runs: int) -> None:
    """Time the .tflite files, the GPU and the CPU one after the other, while nothing else runs."""
    until = clock.after(LITERT_SHARE)
    for network in reversed(plan.networks):  # small ones first: a large file takes long to load
        for runtime in RUNTIMES:
            path = litert_path(place.results, network.name, runtime)
            if path.exists() or not (place.folder / FILES / f"{network.name}.bin").exists() or not clock.left(until):
                continue
            options = [network.name, "--runtime", runtime, "--runs", str(runs)]
            log = f"litert-{network.name}-{runtime}"
            wait(start(place, "litert", options, log), min(LITERT_SECONDS, clock.left(until)))
            clock.say(f"{runtime} of {network.name}: {_litert(path) or last_line(place, log)}")


def _litert(path: Path) -> str:
    if not path.exists():
        return ""
    record = json.loads(path.read_text())
    if "refused" in record:
        return str(record["refused"])
    accelerated = record.get("acceleration")
    software = accelerated is not None and accelerated["adapter"]["software"]
    word = " on a software adapter, which says nothing about a GPU" if software else ""
    return f"{record['median_us']:.0f} µs{word}"


def train(place: Place, plan: Plan, clock: Clock, trainers: int, seeds: int, scale: float, policy: str) -> None:
    """Train one network after the other, `trainers` at a time, one seed of all before the next seed of any."""
    stop = clock.ends - min(SPARE_SECONDS, 0.1 * (clock.ends - clock.began))
    queue = [(network, seed) for seed in range(seeds) for network in reversed(plan.networks)]
    queue = [(n, s) for n, s in queue if not is_finished(place.results, n.name, s)]
    running: dict[str, subprocess.Popen[bytes]] = {}
    while queue or running:
        for log, process in list(running.items()):
            if process.poll() is not None or not clock.left(clock.ends):
                wait(process, clock.left(clock.ends))
                clock.say(f"{log}: {_training(place, log) or last_line(place, log) or NOT_COMPILED}")
                del running[log]
        while queue and len(running) < trainers and clock.left(stop):
            network, seed = queue.pop(0)
            log, process = _start_training(place, network, seed, scale, stop, policy)
            running[log] = process
        if queue and not running and not clock.left(stop):
            clock.say(f"no time left for {len(queue)} trainings; the same command goes on")
            return
        time.sleep(POLL_SECONDS)


def _start_training(
    place: Place, network: Network, seed: int, scale: float, stop: float, policy: str
) -> "tuple[str, subprocess.Popen[bytes]]":
    log = f"training-{network.name}-seed{seed}"
    options = ["--seed", str(seed), "--scale", str(scale), "--until", str(stop), "--policy", policy]
    return log, start(place, "training", [network.name, *options], log)


def _training(place: Place, log: str) -> str:
    path = place.results / "trainings" / f"{log.removeprefix('training-')}.json"
    if not path.exists():
        return ""
    record = json.loads(path.read_text())
    share = record["accuracy_on_byte_maps"]["validation"]
    return f"{record['steps']} of {record['planned_steps']} steps, validation {100 * share:.1f} % on maps of bytes"


def run_all(place: Place, plan: Plan, clock: Clock, *, runs: int, trainers: int, seeds: int, scale: float) -> None:
    """Run every step.

    Raises:
        CheckFailedError: something is missing on this machine.
    """
    make_folders(place.results)
    check(place, plan, clock)
    measure_latency(place, plan, clock, runs)
    measure_litert(place, plan, clock, runs)
    train(place, plan, clock, trainers, seeds, scale, "mixed_bfloat16" if place.device == "gpu" else "float32")
