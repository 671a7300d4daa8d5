"""Paper A's Table 1, Experiment 1: over-the-air F1 and latency of its eight networks on both devices."""

from dataclasses import dataclass

from benchmarks.profile.why import PAPER_A_SECONDS

DEVICES = ("laptop", "Pi")


@dataclass(frozen=True)
class PaperRow:
    """One network in Table 1; F1 as a share, latency in seconds."""

    name: str
    digital_f1: float
    laptop_f1: float
    pi_f1: float

    @property
    def laptop_s(self) -> float:
        """Latency on the M1 MacBook Pro."""
        return PAPER_A_SECONDS[self.name][0]

    @property
    def pi_s(self) -> float:
        """Latency on the Raspberry Pi 4B."""
        return PAPER_A_SECONDS[self.name][1]

    @property
    def fall(self) -> float:
        """What F1 loses from laptop to Pi."""
        return self.laptop_f1 - self.pi_f1


TABLE_1 = (
    PaperRow("dscnn", 0.9215, 0.9378, 0.9028),
    PaperRow("efficientnet_b1", 0.9275, 0.9316, 0.8983),
    PaperRow("efficientnet_b7", 0.9387, 0.9655, 0.8920),
    PaperRow("effnetv2_m", 0.9288, 0.9214, 0.9345),
    PaperRow("effnetv2_xl", 0.9264, 0.9406, 0.7185),
    PaperRow("densenet_bc_190_40", 0.9337, 0.9485, 0.4222),
    PaperRow("mnasnet1_0", 0.9158, 0.8259, 0.8237),
    PaperRow("cnn", 0.9337, 0.9669, 0.9080),
)
