"""Remedies are tried in order on top of what helped so far, until a candidate passes the gate."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from tfkws.errors import ConversionError
from tfkws.tflite.convert.parity_gate import parity_report
from tfkws.tflite.convert.remedies import convert_with_remedies, with_readers, worst_layers
from tfkws.tflite.convert.workbench import ConvertedCandidate, Workbench
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.layer_errors import layer_errors
from tfkws.tflite.recipes import RECIPES, ConversionRecipe, with_remedies

MINMAX = with_remedies("int8", ranges="minmax", correct_bias=False)
CLIPS = 100
PASSING, FAILING = 0, 50  # of so many clips the answer turns


class FakeBench:
    """Answers with given numbers of wrong clips, one a call; the files are all the same."""

    def __init__(self, file: TfliteFile, wrong: list[int]) -> None:
        self.float_file = file
        self.wrong = iter(wrong)

    def candidate(self, recipe: ConversionRecipe) -> ConvertedCandidate:
        right = np.tile([0.9, 0.1], (CLIPS, 1))
        answers = np.where(np.arange(CLIPS)[:, None] < next(self.wrong), 1 - right, right)
        return ConvertedCandidate(
            recipe, self.float_file, answers, parity_report(right, answers, np.zeros(CLIPS, int)), ()
        )


@pytest.fixture
def file(converted: Callable[[str], TfliteFile]) -> TfliteFile:
    """The tiny network in float32."""
    return converted("none")


def bench(file: TfliteFile, *wrong: int) -> Workbench:
    return cast(Workbench, FakeBench(file, list(wrong)))


def test_the_first_remedy_that_passes_is_kept_and_what_made_it_worse_is_not(file: TfliteFile) -> None:
    found = convert_with_remedies(bench(file, FAILING, FAILING + 10, FAILING - 10, PASSING), MINMAX, 0.5)
    expected = [
        MINMAX,
        replace(MINMAX, ranges="percentile"),
        replace(MINMAX, ranges="mse"),
        replace(MINMAX, ranges="mse", correct_bias=True),
    ]
    assert [candidate.recipe for candidate in found.candidates] == expected
    assert found.kept is found.candidates[-1]
    assert [row["passed"] for row in found.to_dicts(0.5)] == [False, False, False, True]


def test_what_passes_at_once_gets_no_remedy(file: TfliteFile) -> None:
    assert len(convert_with_remedies(bench(file, PASSING), MINMAX, 0.5).candidates) == 1


def test_candidates_that_the_target_cannot_run_are_passed_over(file: TfliteFile) -> None:
    found = convert_with_remedies(bench(file, FAILING, *[PASSING] * 9), MINMAX, 0.5, frozenset({"CONV_2D"}))
    assert [candidate.recipe for candidate in found.candidates] == [MINMAX]


def test_a_recipe_without_quantised_values_has_no_remedy(file: TfliteFile) -> None:
    with pytest.raises(ConversionError, match="nothing to repair in recipe float16"):
        convert_with_remedies(bench(file), RECIPES["float16"], 0.5)


def test_the_worst_layers_come_first_and_bring_their_readers(
    converted: Callable[[str], TfliteFile], maps: np.ndarray
) -> None:
    errors = layer_errors(converted("none"), converted("int8"), maps)
    losses = {error.name: error.loss_db for error in errors}
    worst = worst_layers(errors)
    assert losses[worst[0]] == max(losses[name] for name in worst)
    assert [losses[name] for name in worst] == sorted((losses[name] for name in worst), reverse=True)
    layers = converted("none").graph.layer_names
    assert with_readers(converted("none").graph, layers[0]) == tuple(dict.fromkeys(layers[:2]))
