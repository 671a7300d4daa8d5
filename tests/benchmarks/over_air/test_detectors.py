from benchmarks.over_air.detectors import NETWORKS, TASK, table, training_recipe
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.models.registry import entries

FORM = {
    "bytes": 32_461, "clips": 710, "speakers": 124, "f1": 0.977, "f1_interval": [0.951, 0.995], "precision": 1.0,
    "recall": 0.956, "recall_interval": [0.9, 0.99],
}  # fmt: skip


def test_every_network_and_front_end_is_known() -> None:
    for model, front_end in NETWORKS.items():
        assert model in entries()
        assert front_end in FRONT_ENDS


def test_trainings_hear_rooms_and_far_more_that_is_not_the_word() -> None:
    recipe = training_recipe()
    assert recipe.augment is not None
    assert (recipe.recipe, recipe.iterations, recipe.augment.reverb_probability) == ("best-rooms", 2_000, 0.3)
    assert (TASK.words, TASK.unknown_percent) == (("happy",), 900.0)


def test_a_row_a_form() -> None:
    forms = {"none": FORM | {"bytes": 88_000}, "int8": FORM}
    record = {"model": "kws10", "front_end": "mfcc-40x32", "macs": 13_200_000, "params": 20_900, "forms": forms}
    made = table([record])
    assert [row[2] for row in made.rows] == ["float32", "int8"]
    assert made.rows[1][-4:] == ("97.7 %", "[95.1, 99.5] %", "95.6 %", "100.0 %")
    assert "710 testing clips of 124 speakers" in made.note
