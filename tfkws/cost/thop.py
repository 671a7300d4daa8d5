"""What THOP, the profiler of paper A, would have reported.

THOP keeps a table from the exact class of a PyTorch layer to a rule and silently counts nothing for a class it does not
know. The EfficientNet that A used has a convolution class of its own, for "same" padding, so all its convolutions,
those of squeeze-and-excitation included, were left out: A's two EfficientNet cells hold batch norm and dense layers
only. In A's other six networks THOP knew every layer with parameters.
"""

import dataclasses

from tfkws.cost.report import CostReport, CostRow

BLIND_FAMILIES = frozenset({"efficientnet"})
NOT_SEEN = "not seen by THOP: it does not know this family's same-padding convolution class"


def as_thop(report: CostReport, family: str) -> CostReport:
    """Return a report with what THOP does not see set to zero, each such row with the reason."""
    if family not in BLIND_FAMILIES:
        return report
    return dataclasses.replace(report, rows=tuple(map(_seen, report.rows)))


def _seen(row: CostRow) -> CostRow:
    if row.layer_class not in ("Conv2D", "DepthwiseConv2D"):
        return row
    return dataclasses.replace(row, params=0, macs=0, fpops_eq1=0, weight_bytes=0, zero_reason=NOT_SEEN)
