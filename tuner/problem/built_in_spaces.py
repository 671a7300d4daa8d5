"""The built-in search spaces by name, and spaces from JSON files."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tfkws.errors import SearchError, did_you_mean
from tfkws.run_folder import read_json
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import Value

UNITS = range(1, 7)  # convolutions of the seed network


def _paper_text() -> SearchSpace:
    """Bounds of the text, section IV: first kernel up to 4 x 10, the others up to 5 x 5, 1 to 100 filters."""
    params: list[Param] = []
    start: dict[str, Value] = {}
    for unit in UNITS:
        height, width = (4, 10) if unit == 1 else (5, 5)
        params += [
            integer_param(f"conv{unit}_kh", 1, height),
            integer_param(f"conv{unit}_kw", 1, width),
            integer_param(f"conv{unit}_m", 1, 100),
        ]
        kh, kw = (4, 10) if unit == 1 else (3, 3)
        start |= {f"conv{unit}_kh": kh, f"conv{unit}_kw": kw, f"conv{unit}_m": 100}
    convs = " ".join(f"{{conv{unit}_kh}}x{{conv{unit}_kw}},{{conv{unit}_m}}" for unit in UNITS)
    return SearchSpace("paper-text", "seed_cnn", tuple(params), {"convs": convs}, (start,))


def _paper_table() -> SearchSpace:
    """What Table II shows: square kernels of 3 and 5 first, then of 1, 3 and 5; filters in steps of 10.

    A first kernel of 1 x 1 would see one coefficient at a time.
    """
    params: list[Param] = []
    for unit in UNITS:
        params += [
            Param(f"conv{unit}_k", (3, 5) if unit == 1 else (1, 3, 5)),
            integer_param(f"conv{unit}_m", 10, 100, 10),
        ]
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
    """Kernels and filters of each convolution of MLPerf Tiny's DS-CNN, whose own values are tried first."""
    params = [Param("stem_kh", (3, 5, 8, 10)), Param("stem_kw", (3, 4, 5)), integer_param("stem_m", 8, 128, 8)]
    start: dict[str, Value] = {"stem_kh": 10, "stem_kw": 4, "stem_m": 64}
    widths, kernels = {"stem_conv": "{stem_m}"}, {"stem_conv": ["{stem_kh}", "{stem_kw}"]}
    for block in range(1, 5):
        params += [Param(f"block{block}_k", (3, 5, 7)), integer_param(f"block{block}_m", 8, 128, 8)]
        start |= {f"block{block}_k": 3, f"block{block}_m": 64}
        widths[f"stage1_block{block}_pointwise"] = f"{{block{block}_m}}"
        kernels[f"stage1_block{block}_depthwise"] = [f"{{block{block}_k}}"] * 2
    return SearchSpace("ds-cnn", "mlperf_ds_cnn", tuple(params), {"widths": widths, "kernels": kernels}, (start,))


def _tc_resnet() -> SearchSpace:
    """Temporal kernels and filters of each convolution of TC-ResNet8, whose own values are tried first."""
    params = [Param("stem_k", (3, 5, 7, 9)), integer_param("stem_m", 8, 64, 8)]
    start: dict[str, Value] = {"stem_k": 3, "stem_m": 16}
    widths, kernels = {"stem_conv": "{stem_m}"}, {"stem_conv": ["{stem_k}", 1]}
    for stage, filters in enumerate((24, 32, 48), start=1):
        block, inner, outer = f"stage{stage}_block1", f"stage{stage}_inner_m", f"stage{stage}_m"
        params += [
            Param(f"stage{stage}_k", (3, 5, 7, 9, 11)),
            integer_param(inner, 8, 96, 8),
            integer_param(outer, 8, 96, 8),
        ]
        start |= {f"stage{stage}_k": 9, inner: filters, outer: filters}
        widths |= {f"{block}_conv1": f"{{{inner}}}", f"{block}_conv2": f"{{{outer}}}", f"{block}_skip": f"{{{outer}}}"}
        kernels |= dict.fromkeys((f"{block}_conv1", f"{block}_conv2"), [f"{{stage{stage}_k}}", 1])
    return SearchSpace("tc-resnet", "tc_resnet8", tuple(params), {"widths": widths, "kernels": kernels}, (start,))


def _matchboxnet() -> SearchSpace:
    """Temporal kernels and filters of each convolution of MatchboxNet-3x1x64, whose own values are tried first."""
    published = (("stem", 11, 128), ("block1", 13, 64), ("block2", 15, 64), ("block3", 17, 64), ("head", 29, 128))
    params: list[Param] = []
    start: dict[str, Value] = {"last_m": 128}
    widths, kernels = {"head_conv2": "{last_m}"}, {}
    for name, kernel, filters in published:
        params += [Param(f"{name}_k", (3, 5, 7, 9, 11, 13, 15, 17, 21, 25, 29)), integer_param(f"{name}_m", 8, 128, 8)]
        start |= {f"{name}_k": kernel, f"{name}_m": filters}
        layer = {"stem": "stem", "head": "head_conv1"}.get(name, f"stage1_{name}_sub1")
        kernels[f"{layer}_depthwise"] = [f"{{{name}_k}}", 1]
        widths[f"{layer}_pointwise"] = f"{{{name}_m}}"
        if name.startswith("block"):
            widths[f"stage1_{name}_skip"] = f"{{{name}_m}}"  # added to what the block writes
    params.append(integer_param("last_m", 8, 128, 8))
    variant = {"widths": widths, "kernels": kernels}
    return SearchSpace("matchboxnet", "matchboxnet_3x1x64", tuple(params), variant, (start,))


def _bc_resnet() -> SearchSpace:
    """Filters of each stage of BC-ResNet-1, whose own values are tried first."""
    stages = {"stage1": (8, 2), "stage2": (12, 2), "stage3": (16, 4), "stage4": (20, 4)}  # filters, blocks
    widths = {"stem_conv": "{stem_m}", "head_pointwise": "{head_m}"}
    start: dict[str, Value] = {"stem_m": 16, "head_m": 32}
    for stage, (filters, blocks) in stages.items():
        layers = (f"{stage}_block1_expand", *(f"{stage}_block{number}_pointwise" for number in range(1, blocks + 1)))
        widths |= dict.fromkeys(layers, f"{{{stage}_m}}")
        start[f"{stage}_m"] = filters
    params = tuple(integer_param(name, 4, 64, 4) for name in start)
    return SearchSpace("bc-resnet", "bc_resnet_1", params, {"widths": widths}, (start,))


SPACES: dict[str, SearchSpace] = {
    space.name: space
    for space in (
        _paper_text(),
        _paper_table(),
        _paper_joint(),
        _paper_solver(),
        _ds_cnn(),
        _tc_resnet(),
        _matchboxnet(),
        _bc_resnet(),
    )
}


def load_space(name: str) -> SearchSpace:
    """Return a built-in space by name, or read one from a JSON file.

    Raises:
        SearchError: neither a built-in space nor a file, or the file holds no space, or one with a parameter that
            changes nothing.
    """
    if name in SPACES:
        return SPACES[name]
    if not Path(name).is_file():
        known = f"There is no search space {name!r}; choose {', '.join(SPACES)} or give a JSON file."
        raise SearchError(known + did_you_mean(name, SPACES))
    values = read_json(Path(name))
    if not isinstance(values, Mapping):
        raise SearchError(f"{name} must hold a JSON object with name, model, params and variant.")
    space = SearchSpace.from_dict(values)
    if idle := space.idle:
        raise SearchError(
            f"{name} has parameters that change nothing: {', '.join(idle[:5])}; name each in braces in the variant, "
            f'such as "{{{idle[0]}}}", or leave it out.'
        )
    return space
