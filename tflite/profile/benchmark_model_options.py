"""Options of TFLite's `benchmark_model`: what is measured is the same as by `tfkws benchmark`. Pure."""

SWITCHES = {"xnnpack": "true", "builtin": "false"}


def latency_options(kernels: str, threads: int, warmup_runs: int, runs: int) -> tuple[str, ...]:
    """Exactly `warmup_runs` and `runs` inferences, without --graph, which whoever runs the binary adds.

    The binary goes on until both a number of runs and a time are reached; the times are set to 0.
    """
    return (
        f"--num_threads={threads}",
        f"--use_xnnpack={SWITCHES[kernels]}",
        f"--warmup_runs={warmup_runs}",
        "--warmup_min_secs=0",
        f"--num_runs={runs}",
        "--min_secs=0",
    )


def profile_options(kernels: str, threads: int, warmup_runs: int, runs: int) -> tuple[str, ...]:
    """The same with time per operator, as text."""
    return (*latency_options(kernels, threads, warmup_runs, runs), "--enable_op_profiling=true")
