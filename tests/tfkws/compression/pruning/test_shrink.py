"""Structured pruning: dead channels cost nothing, weights of the living arrive, MACs come out as planned."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from tfkws.compression.pruning.channel_classes import ChannelClasses, channel_classes
from tfkws.compression.pruning.importance import CRITERIA, taylor
from tfkws.compression.pruning.plan import plan_pruning
from tfkws.compression.pruning.shrink import narrowed_model, shrink, widths_after
from tfkws.config import ModelConfig
from tfkws.cost import count
from tfkws.errors import ConfigError, UnsupportedLayerError
from tfkws.models import build_model
from tfkws.models.saving import load_model, save_model
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model

FAMILIES = [
    *("seed_cnn", "ds_cnn", "densenet", "squeeze", "broadcast"),
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("bc_resnet", "tc_resnet", "matchboxnet")),
]


def mixes(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)


def some_kept(classes: ChannelClasses, seed: int = 0) -> np.ndarray:
    """Keep about two thirds of the classes that may go, at least one of each layer's."""
    kept = classes.fixed | (np.random.default_rng(seed).random(classes.count) < 0.67)
    for one in classes.layers:
        kept[one.writes[0]] = True
    return kept


def silence(classes: ChannelClasses, gone: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Let nobody read the classes that are gone; return the weights from before."""
    before = {one.layer.name: one.layer.get_weights() for one in classes.layers}
    for one in classes.layers:
        if mixes(one.layer):
            kernel = np.array(one.layer.kernel)
            kernel[..., gone[one.reads], :] = 0
            one.layer.kernel.assign(kernel)
    return before


@pytest.mark.parametrize("family", FAMILIES)
def test_removing_what_nobody_reads_changes_nothing(family, lively):
    network, maps = lively(family)
    classes = channel_classes(network)
    kept = some_kept(classes)
    assert (~kept).sum() > 0
    before = silence(classes, ~kept)
    try:
        smaller = shrink(network, classes, kept)
        np.testing.assert_allclose(smaller(maps, training=False), network(maps, training=False), atol=1e-6)
        assert count(smaller).macs < count(network).macs
    finally:
        for one in classes.layers:
            one.layer.set_weights(before[one.layer.name])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("share", [0.2, 0.6])
def test_macs_come_out_as_planned_and_within_one_filter_of_the_target(family, share, lively):
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
        macs += full[one.layer.name] * share * (kept[one.reads].mean() if mixes(one.layer) else 1)
    return round(macs)


def test_the_dearest_channel_goes_first_where_all_matter_alike(lively):
    network, _ = lively("seed_cnn")
    classes = channel_classes(network)
    first = plan_pruning(classes, np.ones(classes.count), 0.01)
    saved = [without(network, classes, np.array([one])) for one in np.flatnonzero(~classes.fixed)]
    assert first.macs_after == min(saved)


def test_weights_of_what_stays_arrive_by_brute_force():
    network = build_model("mlperf_ds_cnn", (8, 4, 1), 3, filters=4, repeats=1)
    rng = np.random.default_rng(5)
    for weight in network.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    classes = channel_classes(network)
    stem, pointwise = network.get_layer("stem_conv"), network.get_layer("stage1_block1_pointwise")
    kept = np.ones(classes.count, bool)
    of = {one.layer.name: one for one in classes.layers}
    kept[of["stem_conv"].writes[1]] = False
    kept[of["stage1_block1_pointwise"].writes[[0, 3]]] = False
    smaller = shrink(network, classes, kept)
    left, out = [0, 2, 3], [1, 2]
    for name, expected in {
        "stem_conv": [stem.kernel.numpy()[:, :, :, left], stem.bias.numpy()[left]],
        "stem_conv_norm": [w[left] for w in network.get_layer("stem_conv_norm").get_weights()],
        "stage1_block1_depthwise": [
            network.get_layer("stage1_block1_depthwise").kernel.numpy()[:, :, left],
            network.get_layer("stage1_block1_depthwise").bias.numpy()[left],
        ],
        "stage1_block1_pointwise": [pointwise.kernel.numpy()[:, :, left][..., out], pointwise.bias.numpy()[out]],
        "logits": [network.get_layer("logits").kernel.numpy()[out], network.get_layer("logits").bias.numpy()],
    }.items():
        for one, other in zip(smaller.get_layer(name).get_weights(), expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_channels_that_are_added_are_one_class(lively):
    classes = channel_classes(lively("tc_resnet")[0])
    of = {one.layer.name: one for one in classes.layers}
    np.testing.assert_array_equal(of["stage1_block1_conv2"].writes, of["stage1_block1_skip"].writes)
    assert not set(of["stage1_block1_conv1"].writes) & set(of["stage1_block1_conv2"].writes)


def test_concatenated_channels_stay_apart(lively):
    classes = channel_classes(lively("densenet")[0])
    of = {one.layer.name: one for one in classes.layers}
    both = [*of["stem_conv"].writes, *of["stage1_block1_grow"].writes]
    np.testing.assert_array_equal(of["stage1_transition_halve"].reads, both)
    assert len(set(both)) == len(both)


def test_input_and_answers_are_fixed(lively):
    classes = channel_classes(lively("matchboxnet")[0])
    of = {one.layer.name: one for one in classes.layers}
    assert classes.fixed[of["logits"].writes].all()
    assert classes.fixed[of["stem_depthwise"].writes].all()  # rows of the map, not filters
    assert not classes.fixed[of["stem_pointwise"].writes].any()


def test_taylor_is_the_squared_gradient_of_a_gate(lively):
    network, maps = lively("ds_cnn")
    classes, labels = channel_classes(network), np.arange(32) % 4
    importance = taylor(network, classes, [(maps[:16], labels[:16]), (maps[16:], labels[16:])])
    logits = keras.Model(network.input, network.get_layer("logits").output)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def loss_with_gate(chosen: int, gate: float, half: slice) -> float:
        before = {one.layer.name: one.layer.get_weights() for one in classes.layers}
        for one in classes.layers:
            if mixes(one.layer):
                kernel = np.array(one.layer.kernel)
                kernel[..., one.reads == chosen, :] *= gate
                one.layer.kernel.assign(kernel)
        value = float(loss(labels[half], logits(maps[half], training=False)))
        for one in classes.layers:
            one.layer.set_weights(before[one.layer.name])
        return value

    for chosen in np.flatnonzero(~classes.fixed)[[0, 7]]:
        slopes = [
            (loss_with_gate(chosen, 1.001, half) - loss_with_gate(chosen, 0.999, half)) / 0.002
            for half in (slice(0, 16), slice(16, 32))
        ]
        assert importance[chosen] == pytest.approx(np.mean(np.square(slopes)), rel=0.05)


def test_importance_leaves_the_network_as_it_was(lively):
    network, maps = lively("ds_cnn")
    before = [weight.copy() for weight in network.get_weights()]
    for criterion in CRITERIA.values():
        criterion(network, channel_classes(network), [(maps, np.zeros(32, int))])
    for one, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_small_filters_and_small_scales_count_least(lively):
    network, _ = lively("seed_cnn")
    classes = channel_classes(network)
    conv, norm = network.get_layer("unit1_conv"), network.get_layer("unit1_conv_norm")
    written = next(one.writes for one in classes.layers if one.layer is conv)
    before = conv.get_weights(), norm.get_weights()
    try:
        conv.kernel.assign(np.array(conv.kernel) * np.array([1, 1, 0.01, 1, 1, 1]))
        assert np.argmin(CRITERIA["l1"](network, classes, ())[written]) == 2
        norm.gamma.assign(np.array(norm.gamma) * np.array([1, 1, 1, 1, 0.01, 1]))
        assert np.argmin(CRITERIA["bn-scale"](network, classes, ())[written]) == 4
    finally:
        conv.set_weights(before[0])
        norm.set_weights(before[1])


def test_too_much_is_refused_with_what_is_possible(lively):
    classes = channel_classes(lively("seed_cnn")[0])
    with pytest.raises(ConfigError, match=r"At most \d+ % of the MACs can be pruned"):
        plan_pruning(classes, np.ones(classes.count), 0.999)


def test_bn_scale_needs_normalisations():
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3, name="bare")(inputs))
    network = keras.Model(inputs, keras.layers.Dense(2, name="logits")(x))
    with pytest.raises(ConfigError, match="What bare writes passes no normalisation"):
        CRITERIA["bn-scale"](network, channel_classes(network), ())


def test_an_unknown_layer_is_named():
    inputs = keras.Input((4, 4, 3))
    network = keras.Model(inputs, keras.layers.UpSampling2D(name="odd")(inputs))
    with pytest.raises(UnsupportedLayerError, match=r"layer odd \(UpSampling2D\)"):
        channel_classes(network)


def test_a_pruned_seed_cnn_is_told_by_its_convolutions():
    narrower = narrowed_model(ModelConfig("kws12", {}), {"unit1_conv": 7, "unit4_conv": 3})
    assert narrower == ModelConfig("seed_cnn", {"convs": "5x5,7 1x1,40 1x1,50 1x1,3 3x3,20 3x3,20"})


@pytest.mark.parametrize(("family", "name"), [("densenet", "densenet_bc_100_12"), ("ds_cnn", "mlperf_ds_cnn")])
def test_the_registry_builds_the_pruned_network_and_it_converts(family, name, lively, tmp_path):
    network, maps = lively(family)
    classes = channel_classes(network)
    kept = some_kept(classes, seed=3)
    smaller = shrink(network, classes, kept)
    config = narrowed_model(ModelConfig(name, VARIANTS[family]), widths_after(classes, kept))
    twin = build_model(config.name, network.input_shape[1:], 4, **config.variant)
    assert [w.shape for w in twin.weights] == [w.shape for w in smaller.weights]
    save_model(smaller, tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    answers = np.asarray(again(maps, training=False))
    np.testing.assert_array_equal(answers, smaller(maps, training=False))
    np.testing.assert_allclose(
        open_model(convert(again, RECIPES["none"]), load_check=False).predict(maps), answers, atol=1e-5
    )


VARIANTS = {"densenet": {"depth": 10, "growth": 4}, "ds_cnn": {"filters": 6, "repeats": 2}}


def test_pruning_twice_adds_up_the_widths():
    once = narrowed_model(ModelConfig("mlperf_ds_cnn", {"filters": 8}), {"stem_conv": 6})
    twice = narrowed_model(once, {"stem_conv": 5, "stage1_block1_pointwise": 4})
    assert twice.variant == {"filters": 8, "widths": {"stem_conv": 5, "stage1_block1_pointwise": 4}}
    assert replace(twice, variant={}) == ModelConfig("mlperf_ds_cnn")
