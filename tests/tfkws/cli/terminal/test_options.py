"""What shared options mean: words, and the parameters of a model."""

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.cli.terminal.options import read_task, read_variant, split_words
from tfkws.errors import ConfigError


@pytest.mark.parametrize(("text", "words"), [("", ()), ("yes", ("yes",)), (" yes, no ,", ("yes", "no")), (",,", ())])
def test_words_are_separated_by_commas(text: str, words: tuple[str, ...]) -> None:
    assert split_words(text) == words


def test_no_words_are_the_protocols_own() -> None:
    assert read_task("commands", ["no,yes", "hey you"]).words == ("no", "yes", "hey you")
    assert len(read_task("commands-10", []).words) == 10


def test_values_are_json_or_else_text() -> None:
    settings = ["width=0.5", "strides=[1, 2]", "deep=true", "convs=3x3,8", "note=a=b"]
    expected = {"width": 0.5, "strides": [1, 2], "deep": True, "convs": "3x3,8", "note": "a=b"}
    assert read_variant("", settings) == expected
    assert read_variant("1x1,4", []) == {"convs": "1x1,4"}


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(ConfigError, match="takes name=value. Received 'width'"):
        read_variant("", ["width"])


@pytest.mark.parametrize("seed", ["4294967296", "-1"])
@pytest.mark.parametrize(
    "command",
    [
        ["data", "rooms", "x"],
        ["data", "audition", "--data", "x", "x"],
        ["data", "synthesize", "x", "--words", "yes"],
        ["train", "--data", "x"],
        ["search", "--data", "x"],
        ["quickstart"],
        ["compress", "x"],
        ["convert", "x"],
    ],
)
def test_a_seed_that_not_everything_takes_is_one_sentence(command: list[str], seed: str) -> None:
    done = CliRunner().invoke(app, [*command, "--seed", seed])
    assert (done.exit_code, done.stderr) == (1, f"Error: --seed must lie in 0..4294967295. Received {seed}.\n")


def test_the_last_of_several_seeds_is_bounded_too() -> None:
    done = CliRunner().invoke(app, ["train", "--data", "x", "--seed", "4294967295", "--seeds", "2"])
    assert done.stderr == "Error: --seed must lie in 0..4294967295. Received 4294967296.\n"
