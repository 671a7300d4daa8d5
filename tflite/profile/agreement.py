"""The sum of the operators held against the whole, measured without a profiler: do they agree, and if not, why."""

from dataclasses import dataclass

from tfkws.errors import ProfileParseError
from tfkws.units import format_us

AGREEMENT = 0.05
AGREEMENT_FROM_US = 200.0
REFUSED_FROM = 3.0  # times the whole: so far above it, something else than operators was timed
REFUSED_FROM_US = 20.0  # and so much longer; what is less can be the clock's


@dataclass(frozen=True)
class Whole:
    """Unprofiled inferences.

    Attributes:
        median_us: their median in µs, or the mean where a tool gives no other figure.
        scatter: range between their quartiles over the median; None where it is not known.
        call_us: what of it is the call and no operator; None where it was not measured.
    """

    median_us: float
    scatter: float | None
    call_us: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Sum of the operators against the whole.

    Attributes:
        difference: of the sum, with the call where it was measured, from the whole, as a fraction of the whole.
        agrees: whether both are within 5 %; None below 0.2 ms, where fixed costs weigh too much to tell.
        explanation: what the difference is made of; empty where they agree.
    """

    difference: float
    agrees: bool | None
    explanation: str


def agreement_of(whole: Whole, sum_us: float, alone: int) -> Agreement:
    """Judge and explain the difference of sum and whole.

    Args:
        whole: time without a profiler.
        sum_us: of the times of the operators, in µs.
        alone: operators that were timed by themselves.

    Raises:
        ProfileParseError: the sum is far above the whole.

    Example:
        >>> agreement_of(Whole(median_us=1000.0, scatter=None), sum_us=1030.0, alone=0)
        Agreement(difference=0.030000000000000027, agrees=True, explanation='')
    """
    sum_us += whole.call_us or 0.0
    difference = sum_us / whole.median_us - 1
    if difference > REFUSED_FROM - 1 and sum_us - whole.median_us > REFUSED_FROM_US:
        raise ProfileParseError(
            f"The operators sum to {format_us(sum_us)}, but the whole takes {format_us(whole.median_us)}: the times "
            "are not those of the operators. Repeat on an idle machine with more --runs."
        )
    if whole.median_us < AGREEMENT_FROM_US:
        return Agreement(difference, None, _TOO_SHORT)
    agrees = abs(difference) <= AGREEMENT
    return Agreement(difference, agrees, "" if agrees else _explanation(whole, sum_us, alone))


_TOO_SHORT = (
    f"The whole takes less than {format_us(AGREEMENT_FROM_US)}: the calls around the operators and the profiler's "
    "whole microseconds weigh too much to compare."
)


def _explanation(whole: Whole, sum_us: float, alone: int) -> str:
    noise = ""
    if whole.scatter is not None:
        noise = f"unprofiled runs scatter by {100 * whole.scatter:.0f} % between quartiles, "
    direction = "less"
    cause = f"{alone} operators were timed by themselves, with warm caches and without the steps between operators"
    if sum_us > whole.median_us:
        direction = "more"
        cause = "a running profiler slows each operator, and one by one they find the caches otherwise"
    return (
        f"The operators sum to {format_us(abs(sum_us - whole.median_us))} {direction} than the unprofiled whole: "
        f"{noise}{cause}. Repeat on an idle machine with more --runs."
    )
