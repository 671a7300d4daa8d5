"""The GPU's latency model as a search takes it: from a candidate's operators, before anything is compiled."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.profile.gpu.measured import MULTIPLIES, GpuTime, Work
from benchmarks.profile.gpu.work_fit import fit_prices, predict_left_out
from tfkws.tflite.latency_model.fit import COVERAGE, error_bound, relative_errors
from tfkws.tflite.latency_model.model import HeldOut, KindModel, LatencyModel
from tfkws.tflite.latency_model.profiles import Circumstances

FLOAT_BYTES = 4
PLAIN_PRODUCT = "CONV_2D 1x1"  # a kind of its own on a core; here it is a convolution like others


def search_model(works: Mapping[str, Work], times: Mapping[str, GpuTime], card: str, runtime: str) -> LatencyModel:
    """Fit latency to the number of multiplying operators, which are so many kernels each, their MACs and bytes moved.

    Smaller operators than all that were measured are predicted too: the price of a launch is a term of its own.

    Args:
        card, runtime: for which the model holds.
    """
    terms = {name: (1, work.multiplying, work.macs, work.moved_bytes) for name, work in works.items() if name in times}
    measured = {name: time.latency_us for name, time in times.items()}
    fixed, launch, mac, moved = map(float, fit_prices(terms, measured))
    left_out = predict_left_out(terms, measured)
    prices = {"constant": launch, "work": mac, "bytes": moved}
    held_out = _held_out(left_out, measured)
    known = [works[name] for name in times]
    names = sorted({PLAIN_PRODUCT, *(opcode for work in known for opcode in work.opcodes)})
    kinds = {kind: _kind(kind, prices, known, held_out.median) for kind in names}
    circumstances = Circumstances("gpu", "us", "none", "xla", 1, runtime, card)
    operators = sum(works[name].operators for name in times)
    return LatencyModel(circumstances, kinds, fixed, 1.0, held_out, len(times), operators)


def _kind(kind: str, prices: Mapping[str, float], known: Sequence[Work], error: float) -> KindModel:
    """Return what one kind costs; what multiplies nothing is fused into kernels that are there anyway.

    Args:
        known: the networks that were measured.
        error: of whole networks, since no operator is measured by itself.
    """
    multiplies = kind.split()[0] in MULTIPLIES
    own = {name: price for name, price in prices.items() if price > 0 and (multiplies or name == "bytes")}
    largest_bytes = max(work.largest_moved_bytes for work in known)
    return KindModel(
        form="linear",
        parameters=own,
        work_range=(0, max(work.largest_macs for work in known) if multiplies else largest_bytes / FLOAT_BYTES),
        bytes_range=(0, largest_bytes),
        operators=sum(work.multiplying if multiplies else work.operators - work.multiplying for work in known),
        held_out_error=error,
    )


def _held_out(left_out: Mapping[str, float], measured: Mapping[str, float]) -> HeldOut:
    from scipy.stats import spearmanr

    pairs = np.array([(left_out[name], measured[name]) for name in measured])
    errors = relative_errors(pairs[:, 0], pairs[:, 1])
    return HeldOut(
        networks=len(pairs),
        refused=0,
        bound=error_bound(errors, COVERAGE),
        coverage=COVERAGE,
        median=float(np.median(errors)),
        rank_correlation=float(spearmanr(pairs).statistic),
    )
