"""Probes: the same seed gives the same networks, and these span the range between the anchors."""

from math import prod

from tfkws.models.conv_units import decode_units
from tfkws.tflite.latency_model.operator_shapes import file_shapes
from tfkws.tflite.latency_model.probes import CLASSES, INPUTS, MOST_FILTERS, convert_probe, make_probes, pooled_network


def test_the_same_seed_draws_the_same_networks() -> None:
    assert make_probes(seed=3) == make_probes(seed=3)
    assert make_probes(seed=3) != make_probes(seed=4)


def test_there_are_66_networks_of_distinct_names_anchors_first() -> None:
    probes = make_probes()
    assert len({probe.name for probe in probes}) == len(probes) == 66
    assert [probe.anchor for probe in probes[:8]] == [True] * 8
    assert sum(not probe.anchor for probe in probes) == 56
    assert {probe.num_classes for probe in probes} <= set(CLASSES)


def test_anchors_take_the_smallest_and_the_largest_input() -> None:
    probes = {probe.name: probe for probe in make_probes(((10, 10, 1), (99, 5, 1)), stacks=30)}
    assert prod(probes["anchor-points"].input_shape) == 100
    assert prod(probes["anchor-fives"].input_shape) == 495
    drawn = [decode_units(probe.variant["convs"]) for name, probe in probes.items() if name.startswith("stack-")]
    assert len(drawn) == 30
    assert all(1 <= unit.filters <= MOST_FILTERS for units in drawn for unit in units)
    assert all(max(unit.kernel_height, unit.kernel_width) <= 5 for units in drawn for unit in units[1:])


def test_a_pooled_network_has_both_poolings_and_both_dense_layers() -> None:
    model = pooled_network((8, 6, 1), 3, filters=(2, 5), hidden=7)
    assert model.output_shape == (None, 3)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert (kinds.count("MaxPooling2D"), kinds.count("AveragePooling2D"), kinds.count("Dense")) == (1, 1, 2)


def test_a_probe_is_converted_as_it_was_drawn() -> None:
    """Six 1 x 1 convolutions with one filter at the small end of the range; the first one halves the width."""
    converted = convert_probe(make_probes()[0], "none")
    works = [shape.work for shape in file_shapes(converted) if shape.kind.startswith("CONV_2D")]
    assert works == [prod(min(INPUTS, key=prod)) // 2] * 6
