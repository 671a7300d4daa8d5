"""Conversion recipes: found by name, changed by remedies, the same after a way through JSON."""

import pytest

from tfkws.errors import ConfigError
from tfkws.tflite.recipes import RECIPES, ConversionRecipe, get_recipe, with_remedies


def test_unknown_recipe_names_the_near_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'int8'"):
        get_recipe("int9")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_recipe_survives_json(recipe: ConversionRecipe) -> None:
    assert ConversionRecipe.from_dict(recipe.to_dict()) == recipe


@pytest.mark.parametrize(
    ("recipe", "label"),
    [
        (RECIPES["int8"], "int8"),
        (with_remedies("int8", ranges="percentile"), "int8 with percentile ranges"),
        (with_remedies("int8", correct_bias=False), "int8 with uncorrected biases"),
        (
            with_remedies("int16x8", equalise=True, keep_float=("stem", "logits")),
            "int16x8 with equalised channels and stem, logits in float32",
        ),
    ],
)
def test_a_label_names_what_differs_from_the_plain_recipe(recipe: ConversionRecipe, label: str) -> None:
    assert recipe.label == label


@pytest.mark.parametrize("name", RECIPES)
def test_only_recipes_that_quantise_values_take_remedies(name: str) -> None:
    assert with_remedies(name) is not None
    if RECIPES[name].activations == "float32":
        with pytest.raises(ConfigError, match="nothing to mend"):
            with_remedies(name, equalise=True)
    else:
        assert with_remedies(name, equalise=True).equalise
