"""How converted models and Keras layers are measured."""

from dataclasses import dataclass
from typing import Literal

from tfkws.config.strict import Config, Count, Positive, Whole

BENCHMARK_MODEL = "benchmark_model"  # the runtime that is TFLite's own program of that name
LayerMode = Literal["compiled", "eager"]
LayerMethod = Literal["hooks", "trace"]
Method = Literal["profiler", "submodels", "prefixes"]
OperatorRuntime = Literal["litert", "tflite_runtime", "litert-gpu", "litert-gpu-half", "benchmark_model"]
Kernels = Literal["xnnpack", "builtin"]  # tfkws.tflite.runtime.runtimes.KERNELS


@dataclass(frozen=True)
class BenchmarkSettings(Config):
    """How a model is timed.

    Attributes:
        threads: threads of the kernels.
        kernels: family of kernels, xnnpack or builtin.
        runtime: name of the runtime, in `tfkws.tflite.runtime.runtimes.RUNTIMES`, or benchmark_model.
        processes: fresh processes for each model, one after the other.
        warmup_runs: runs in each process before the timed ones.
        runs: timed runs in each process; fewer, at least ten, where they would take longer than `seconds`.
        seconds: longest time of the timed runs of a process, as they are estimated from the warm-up.

    Example:
        >>> BenchmarkSettings(kernels="xnpack")
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: BenchmarkSettings.kernels must be xnnpack or builtin. Received 'xnpack'. Did you mean\
 'xnnpack'?
    """

    threads: Count = 1
    kernels: Kernels = "xnnpack"
    runtime: str = "litert"
    processes: Count = 3
    warmup_runs: Count = 50
    runs: Count = 300
    seconds: Positive = 10.0


@dataclass(frozen=True)
class CountSettings(Config):
    """How the instructions of a model are counted.

    Attributes:
        kernels: family of kernels, xnnpack or builtin.
        operators: count each operator by itself, too.
        repeats: counted inferences.
        compared_outputs: inputs on which outputs are compared with this machine's; 0 for none.
    """

    kernels: Kernels = "xnnpack"
    operators: bool = False
    repeats: Count = 3
    compared_outputs: Whole = 4


@dataclass(frozen=True)
class OperatorSettings(Config):
    """How the operators of a model are timed.

    Attributes:
        kernels: family of kernels, xnnpack or builtin.
        threads: threads of the kernels.
        runs: profiled runs; as many unprofiled ones come before.
        method: how operators are timed: profiler (the runtime's own, or submodels where it reads below 10 µs; on a
            GPU, which has none, prefixes), submodels, one model for each operator, or prefixes of the network, on a
            GPU alone.
        runtime: what runs the model, litert, tflite_runtime (on a target alone), litert-gpu, litert-gpu-half or
            benchmark_model.
    """

    kernels: Kernels = "xnnpack"
    threads: Count = 1
    runs: Count = 200
    method: Method = "profiler"
    runtime: OperatorRuntime = "litert"


@dataclass(frozen=True)
class LayerSettings(Config):
    """How the layers of a Keras model are timed; the defaults are paper A's five repeats of twenty passes.

    Attributes:
        device: what computes, cpu or gpu.
        how: how a layer's time is found: hooks, called by itself, as a framework's hooks see it; or trace, by the
            device's own trace of the whole compiled network. Without it, trace on a GPU and hooks on a CPU.
        mode: how hooks call layers: compiled, each as a compiled function of its own; or eager, as Python
            calls it, with the backend's and Keras' cost of a call, as forward hooks see it.
        threads: cores of the CPU that the process may use; 0 for all.
        trials: how often the passes are repeated.
        passes: passes in each repeat; fewer, at least three, where they would take longer than `seconds`.
        warmup_passes: passes before the first repeat, after everything was compiled.
        seconds: longest time of the passes of a repeat, as they are estimated from one pass.
    """

    device: Literal["cpu", "gpu"] = "cpu"
    how: LayerMethod | None = None
    mode: LayerMode = "compiled"
    threads: Whole = 1
    trials: Count = 5
    passes: Count = 20
    warmup_passes: Count = 2
    seconds: Positive = 5.0

    @property
    def is_traced(self) -> bool:
        """Whether the whole network is traced, and not only its layers called one by one.

        Example:
            >>> LayerSettings(device="gpu").is_traced, LayerSettings().is_traced
            (True, False)
        """
        return (self.how or ("trace" if self.device == "gpu" else "hooks")) == "trace"


@dataclass(frozen=True)
class LatencyModelSettings(Config):
    """What a target's latency model is fitted to.

    Attributes:
        quantize: conversion recipe that the model is for: none or int8.
        features: front ends whose maps the networks take, separated by commas.
    """

    quantize: str = "none"
    features: tuple[str, ...] = ("mfcc-40x32", "mfcc-49x10")
