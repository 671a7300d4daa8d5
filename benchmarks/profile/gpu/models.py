"""The two models of this page: a core by arithmetic and bytes, a GPU by kernels and their work."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.profile.gpu.measured import GpuTime, Work
from benchmarks.profile.gpu.work_fit import Terms, cost_of, fit_prices, median_error, predict_left_out
from benchmarks.zoo_files import COMMANDS

CPU_TERMS = ("operator", "MAC", "byte of weights")
GPU_TERMS = ("call", "kernel", "MAC", "byte of weights")


@dataclass(frozen=True)
class FittedModel:
    """A model of one time of all networks, and what it says of networks that it has not seen.

    Attributes:
        title: what it predicts.
        terms: names of what has a price.
        prices: µs for one of each.
        measured: µs, of the networks that were measured.
        fitted: what the fit to all says of each network, µs.
        left_out: what the fit to the other networks says of each network, µs.
        family_left_out: the same with the network's family left out; all of paper B's are one family.
    """

    title: str
    terms: tuple[str, ...]
    prices: tuple[float, ...]
    measured: Mapping[str, float]
    fitted: Mapping[str, float]
    left_out: Mapping[str, float]
    family_left_out: Mapping[str, float]

    @property
    def median_error(self) -> float:
        """Median relative error on networks left out."""
        return median_error(self.left_out, self.measured)

    @property
    def family_median_error(self) -> float:
        """Median relative error on networks left out with their family."""
        return median_error(self.family_left_out, self.measured)


def fit_model(title: str, names: tuple[str, ...], terms: Terms, measured: Mapping[str, float]) -> FittedModel:
    """Fit one model and judge it.

    Raises:
        BenchmarkError: there are too few networks.
    """
    prices = fit_prices(terms, measured)
    return FittedModel(
        title=title,
        terms=names,
        prices=tuple(map(float, prices)),
        measured=measured,
        fitted={name: cost_of(prices, amounts) for name, amounts in terms.items()},
        left_out=predict_left_out(terms, measured),
        family_left_out=predict_left_out(terms, measured, {name: family_of(name) for name in terms}),
    )


def family_of(name: str) -> str:
    """Return "paper B" for its thirteen networks of one structure, the network's own name for all others."""
    return "paper B" if name in COMMANDS else name


def cpu_model(works: Mapping[str, Work], measured: Mapping[str, float]) -> FittedModel:
    """Fit the latency of one core: operators, multiply-accumulates, bytes of weights."""
    terms = {name: (work.operators, work.macs, work.weight_bytes) for name, work in works.items()}
    return fit_model("latency on one x86 core", CPU_TERMS, terms, measured)


def gpu_models(works: Mapping[str, Work], times: Mapping[str, GpuTime]) -> tuple[FittedModel, FittedModel]:
    """Fit call to answer, and the time in which kernels run: kernels, multiply-accumulates, bytes of weights."""
    kernels = kernel_counts(works, times)
    terms = {name: (1, kernels[name], work.macs, work.weight_bytes) for name, work in works.items()}
    latency = {name: time.latency_us for name, time in times.items()}
    busy = {name: time.busy_us for name, time in times.items()}
    return (
        fit_model("call to answer on the GPU", GPU_TERMS, terms, latency),
        fit_model("kernels busy on the GPU", GPU_TERMS, terms, busy),
    )


def kernel_counts(works: Mapping[str, Work], times: Mapping[str, GpuTime]) -> dict[str, float]:
    """Return the kernels of every network: counted by the profiler, or predicted from its multiplying operators."""
    a_multiplying = kernels_a_multiplying_operator(works, times)
    return {
        name: times[name].kernels if name in times else a_multiplying * work.multiplying for name, work in works.items()
    }


def kernels_a_multiplying_operator(works: Mapping[str, Work], times: Mapping[str, GpuTime]) -> float:
    """Fit how many kernels one convolution or dense layer becomes, with what is fused to it."""
    terms = {name: (works[name].multiplying,) for name in times}
    return float(fit_prices(terms, {name: time.kernels for name, time in times.items()})[0])
