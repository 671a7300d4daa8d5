"""What is planned against the costs of the pruned network and against brute force."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from tfkws.compression.pruning.channel_classes import ChannelClasses, channel_classes
from tfkws.compression.pruning.plan import plan_pruning
from tfkws.compression.pruning.shrink import shrink
from tfkws.cost import count
from tfkws.errors import ConfigError

MIXING = keras.layers.Conv2D | keras.layers.Dense
Lively = Callable[[str], tuple[keras.Model, np.ndarray]]
FAMILIES = [
    *("seed_cnn", "ds_cnn", "densenet", "squeeze", "broadcast"),
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("bc_resnet", "tc_resnet", "matchboxnet")),
]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("share", [0.2, 0.6])
def test_macs_come_out_as_planned_and_within_one_filter_of_the_target(
    family: str, share: float, lively: Lively
) -> None:
    network, _ = lively(family)
    classes = channel_classes(network)
    plan = plan_pruning(classes, np.random.default_rng(1).random(classes.count), share)
    smaller = shrink(network, classes, plan.kept)
    assert (plan.macs_before, plan.macs_after) == (count(network).macs, count(smaller).macs)
    assert plan.macs_after <= (1 - share) * plan.macs_before
    gone = np.flatnonzero(~plan.kept)
    with_one_more = [without(network, classes, gone[gone != one]) for one in gone]
    assert max(with_one_more) > (1 - share) * plan.macs_before


def without(network: keras.Model, classes: ChannelClasses, gone: np.ndarray) -> int:
    """MACs by brute force: price every layer by the channels that are left."""
    kept = np.ones(classes.count, bool)
    kept[gone] = False
    full, macs = {row.name: row.macs for row in count(network).rows}, 0.0
    for one in classes.layers:
        share = kept[one.writes].mean()
        macs += full[one.layer.name] * share * (kept[one.reads].mean() if isinstance(one.layer, MIXING) else 1)
    return round(macs)


def test_the_dearest_channel_goes_first_where_all_matter_alike(lively: Lively) -> None:
    network, _ = lively("seed_cnn")
    classes = channel_classes(network)
    first = plan_pruning(classes, np.ones(classes.count), 0.01)
    saved = [without(network, classes, np.array([one])) for one in np.flatnonzero(~classes.fixed)]
    assert first.macs_after == min(saved)


def test_too_much_is_refused_with_what_is_possible(lively: Lively) -> None:
    classes = channel_classes(lively("seed_cnn")[0])
    with pytest.raises(ConfigError, match=r"At most \d+ % of the MACs can be pruned"):
        plan_pruning(classes, np.ones(classes.count), 0.999)
