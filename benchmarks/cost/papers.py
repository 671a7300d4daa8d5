"""The two papers' cost columns beside our counts: A's Table 1 (parameters) and B's Table II (operations)."""

from collections.abc import Mapping
from dataclasses import dataclass

from tfkws.cost.report import CostReport, as_thop
from tfkws.views.table import Table

PAPER_A = {  # our name: family, the paper's name, its column "Parameters" as printed
    "dscnn": ("mobilenet_v2", "DSCNN", "2.23E+06"),
    "efficientnet_b1": ("efficientnet", "efficientnet_b1", "6.46E+04"),
    "efficientnet_b7": ("efficientnet", "efficientnet_b7", "3.16E+05"),
    "effnetv2_m": ("efficientnet_v2", "effnetv2_m", "5.35E+07"),
    "effnetv2_xl": ("efficientnet_v2", "effnetv2_xl", "2.07E+08"),
    "densenet_bc_190_40": ("densenet_bc", "densenet_bc_190_40", "2.56E+07"),
    "mnasnet1_0": ("mnasnet", "mnasnet1_0", "3.10E+06"),
    "cnn": ("vgg", "CNN", "3.89E+07"),
}
PAPER_B = {  # our name: the paper's column "MFPops" as printed
    "seed_cnn": "581.1",
    "kws1": "223.4",
    "kws2": "167.7",
    "kws3": "87.6",
    "kws4": "87.2",
    "kws5": "76.5",
    "kws6": "65.2",
    "kws7": "56.8",
    "kws8": "46.3",
    "kws9": "37.7",
    "kws10": "26.3",
    "kws11": "20.2",
    "kws12": "17.2",
}


@dataclass(frozen=True)
class ParameterRow:
    """One network of A's Table 1; all counts for 32 x 32 x 1 and 2 classes."""

    name: str
    printed_name: str
    printed_params: str
    params: int
    thop_params: int
    macs: int


@dataclass(frozen=True)
class OperationRow:
    """One network of B's Table II; convolutions only, 40 x 32 x 1."""

    name: str
    printed_mfpops: str
    conv_macs: int
    fpops_eq1: int

    @property
    def mfpops(self) -> str:
        """Return twice the multiply-accumulates, in millions, with the digits of the paper."""
        return f"{2 * self.conv_macs / 1e6:.1f}"


def parameter_rows(reports: Mapping[str, CostReport]) -> tuple[ParameterRow, ...]:
    """Build A's column from one report a network, name to report."""
    return tuple(
        ParameterRow(
            name, printed, params, reports[name].params, as_thop(reports[name], family).params, reports[name].macs
        )
        for name, (family, printed, params) in PAPER_A.items()
    )


def operation_rows(reports: Mapping[str, CostReport]) -> tuple[OperationRow, ...]:
    """Build B's column from one report a network, name to report."""
    return tuple(
        OperationRow(name, printed, reports[name].total_of("Conv2D").macs, reports[name].fpops_eq1)
        for name, printed in PAPER_B.items()
    )


def parameter_table(rows: tuple[ParameterRow, ...]) -> Table:
    """Lay out A's column."""
    return Table(
        title="Paper A, Table 1, parameters: as printed, as THOP counts, and true (32 x 32 x 1, 2 classes)",
        columns=("name", "paper's name", "printed", "as THOP", "true", "MACs"),
        rows=tuple(
            (row.name, row.printed_name, row.printed_params, f"{row.thop_params:,}", f"{row.params:,}", f"{row.macs:,}")
            for row in rows
        ),
        numeric=("printed", "as THOP", "true", "MACs"),
        note="The two EfficientNet cells as printed hold batch norm and dense layers only; see docs/counting.md.",
    )


def operation_table(rows: tuple[OperationRow, ...]) -> Table:
    """Lay out B's column."""
    return Table(
        title="Paper B, Table II, MFPops: as printed, as 2 x MACs of the convolutions, and by Equation 1 (40 x 32 x 1)",
        columns=("name", "printed", "2 x MACs / 1e6", "conv MACs", "Equation 1 / 1e6"),
        rows=tuple(
            (row.name, row.printed_mfpops, row.mfpops, f"{row.conv_macs:,}", f"{row.fpops_eq1 / 1e6:.2f}")
            for row in rows
        ),
        numeric=("printed", "2 x MACs / 1e6", "conv MACs", "Equation 1 / 1e6"),
        note="The paper's tables are 2 x MACs; its Equation 1 adds one operation a channel and output point.",
    )
