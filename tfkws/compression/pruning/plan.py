"""Choose the classes of channels to remove: least importance per multiply-accumulate saved first, over all layers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.compression.pruning.channel_classes import ChannelClasses, LayerChannels
from tfkws.cost.formulas import conv2d_macs, dense_macs
from tfkws.errors import ConfigError

KEPT_SHARE = 0.1  # of each layer's channels at least, so that no layer becomes a needle's eye


@dataclass(frozen=True)
class PruningPlan:
    """Which classes stay.

    Attributes:
        kept: bool (classes,).
        macs_before, macs_after: MACs of the whole network, as `tfkws.cost.count` counts.
    """

    kept: np.ndarray
    macs_before: int
    macs_after: int


def plan_pruning(classes: ChannelClasses, importance: np.ndarray, remove_share: float) -> PruningPlan:
    """Remove classes one by one until at least `remove_share` of the MACs is gone.

    What a class saves depends on what is left, so it is computed anew after each removal; importance is not.

    Args:
        importance: float (classes,); values of fixed classes are not looked at.
        remove_share: of the multiply-accumulates, 0..1.

    Raises:
        ConfigError: so many cannot be removed, since every layer keeps a tenth of its channels.
    """
    ledger = _Ledger(classes)
    before, kept = ledger.macs(), np.ones(classes.count, bool)
    while ledger.macs() > (1 - remove_share) * before:
        candidates = np.flatnonzero(kept & ~classes.fixed & ~ledger.at_floor())
        if len(candidates) == 0:
            most = 1 - ledger.macs() / before
            raise ConfigError(
                f"At most {100 * most:.0f} % of the MACs can be pruned, since each layer keeps a tenth of its "
                f"channels; asked for {100 * remove_share:.0f} %."
            )
        saved = ledger.saved()[candidates]
        chosen = candidates[np.argmin(importance[candidates] / np.maximum(saved, 1))]
        ledger.remove(chosen)
        kept[chosen] = False
    return PruningPlan(kept, before, ledger.macs())


class _Ledger:
    """The MACs of a network while classes are removed from it.

    A mixing layer costs price x inputs x outputs, a depthwise one price x outputs.
    """

    def __init__(self, classes: ChannelClasses) -> None:
        counted = [one for one in classes.layers if one.kind.kernel_axis is not None]
        self._mixing = np.array([one.kind.mixes_channels for one in counted])
        self._prices = np.array([_price(one) for one in counted])
        self._reads = _counts([one.reads for one in counted], classes.count)
        self._writes = _counts([one.writes for one in counted], classes.count)
        self._both = self._reads.multiply(self._writes)
        self._inputs, self._outputs = (np.asarray(m.sum(axis=1)).ravel() for m in (self._reads, self._writes))
        self._least = np.maximum(1, np.ceil(KEPT_SHARE * self._outputs)).astype(int)

    def macs(self) -> int:
        """What is left."""
        return int(np.sum(self._prices * self._outputs * np.where(self._mixing, self._inputs, 1)))

    def saved(self) -> np.ndarray:
        """What removing each class would save now, int (classes,): price x (i o - (i - r) (o - w)), summed."""
        mixing = self._prices * self._mixing
        by_reading = self._reads.T @ (mixing * self._outputs)
        by_writing = self._writes.T @ (self._prices * np.where(self._mixing, self._inputs, 1))
        return by_reading + by_writing - self._both.T @ mixing

    def at_floor(self) -> np.ndarray:
        """Which classes a layer cannot spare, bool (classes,)."""
        entries = self._writes.tocoo()
        short = self._outputs[entries.row] - entries.data < self._least[entries.row]
        result = np.zeros(entries.shape[1], bool)
        result[entries.col[short]] = True
        return result

    def remove(self, index: int) -> None:
        """Remove one class."""
        self._inputs = self._inputs - self._reads[:, index].toarray().ravel()
        self._outputs = self._outputs - self._writes[:, index].toarray().ravel()


def _counts(channels: list[np.ndarray], classes: int) -> Any:
    """Sparse (layers, classes): how many channels of a class each layer has."""
    from scipy.sparse import csc_array

    rows = np.repeat(np.arange(len(channels)), [len(one) for one in channels])
    columns = np.concatenate(channels)
    return csc_array((np.ones(len(rows), int), (rows, columns)), shape=(len(channels), classes))


def _price(one: LayerChannels) -> int:
    """MACs of one input channel for one output channel."""
    if one.kind.layer_class == "Dense":
        return dense_macs(1, 1, int(np.prod(one.output_shape[:-1], dtype=int)))
    return conv2d_macs(one.output_shape[:2], one.layer.kernel_size, 1, 1)  # type: ignore[arg-type]
