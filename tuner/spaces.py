"""The built-in search spaces."""

from dataclasses import replace

from tfkws.tuner.space import Param, SearchSpace, steps
from tfkws.tuner.trials import Value

UNITS = range(1, 7)  # convolutions of the seed network


def _paper_text() -> SearchSpace:
    """Bounds of the text, section IV: first kernel up to 4 x 10, the others up to 5 x 5, 1 to 100 filters."""
    params: list[Param] = []
    start: dict[str, Value] = {}
    for unit in UNITS:
        height, width = (4, 10) if unit == 1 else (5, 5)
        params += [
            steps(f"conv{unit}_kh", 1, height),
            steps(f"conv{unit}_kw", 1, width),
            steps(f"conv{unit}_m", 1, 100),
        ]
        kh, kw = (4, 10) if unit == 1 else (3, 3)
        start |= {f"conv{unit}_kh": kh, f"conv{unit}_kw": kw, f"conv{unit}_m": 100}
    convs = " ".join(f"{{conv{unit}_kh}}x{{conv{unit}_kw}},{{conv{unit}_m}}" for unit in UNITS)
    return SearchSpace("paper-text", "seed_cnn", tuple(params), {"convs": convs}, (start,))


def _paper_table() -> SearchSpace:
    """What Table II shows: square kernels of 3 and 5 first, then of 1, 3 and 5; filters in steps of 10.

    A first kernel of 1 x 1 would see one coefficient at a time; with its stride it is also what TensorFlow's oneDNN
    kernels crash on.
    """
    params: list[Param] = []
    for unit in UNITS:
        params += [Param(f"conv{unit}_k", (3, 5) if unit == 1 else (1, 3, 5)), steps(f"conv{unit}_m", 10, 100, 10)]
    convs = " ".join(f"{{conv{unit}_k}}x{{conv{unit}_k}},{{conv{unit}_m}}" for unit in UNITS)
    return SearchSpace("paper-table", "seed_cnn", tuple(params), {"convs": convs})


def _paper_joint() -> SearchSpace:
    """`paper-table` with the learning rate, which steps 2 and 3 of Algorithm 1 search one after the other: in trainings
    as short as a search's, the best rate may depend on the size of the network.
    """
    table = _paper_table()
    rate = Param("train.learning_rate", (2e-3, 4e-3, 8e-3))
    return replace(table, name="paper-joint", params=(*table.params, rate))


def _paper_solver() -> SearchSpace:
    """Step 2 of Algorithm 1: the solver of the seed network; its MACs are the same in all candidates."""
    params = (
        Param("train.learning_rate", (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3)),
        Param("train.batch_size", (25, 50, 100, 200)),
        Param("train.schedule", ("constant", "step", "cosine")),
        Param("train.optimizer", ("adam", "adamw", "sgd")),
    )
    convs = "4x10,100 3x3,100 3x3,100 3x3,100 3x3,100 3x3,100"
    start: dict[str, Value] = {
        "train.learning_rate": 5e-4,
        "train.batch_size": 100,
        "train.schedule": "step",
        "train.optimizer": "adam",
    }
    return SearchSpace("paper-solver", "seed_cnn", params, {"convs": convs}, (start,))


def _ds_cnn() -> SearchSpace:
    """Width and depth of the DS-CNN of MLPerf Tiny, whose own values are tried first."""
    params = (steps("filters", 8, 128, 8), steps("repeats", 1, 8))
    variant = {"filters": "{filters}", "repeats": "{repeats}"}
    return SearchSpace("ds-cnn", "mlperf_ds_cnn", params, variant, ({"filters": 64, "repeats": 4},))


def _bc_resnet() -> SearchSpace:
    """Width factor of BC-ResNet; 8 tau is the number of base channels, and tau = 1 is tried first."""
    params = (Param("tau", tuple(channels / 8 for channels in (4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64))),)
    return SearchSpace("bc-resnet", "bc_resnet_1", params, {"tau": "{tau}"}, ({"tau": 1.0},))


_BUILT_IN = (_paper_text(), _paper_table(), _paper_joint(), _paper_solver(), _ds_cnn(), _bc_resnet())
SPACES = {space.name: space for space in _BUILT_IN}
