"""The built-in search spaces."""

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
    """What Table II shows: square kernels of 1, 3 and 5 everywhere, filters in steps of 10 (the seed has 100)."""
    params: list[Param] = []
    for unit in UNITS:
        params += [Param(f"conv{unit}_k", (1, 3, 5)), steps(f"conv{unit}_m", 10, 100, 10)]
    convs = " ".join(f"{{conv{unit}_k}}x{{conv{unit}_k}},{{conv{unit}_m}}" for unit in UNITS)
    return SearchSpace("paper-table", "seed_cnn", tuple(params), {"convs": convs})


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


SPACES = {space.name: space for space in (_paper_text(), _paper_table(), _paper_solver())}
