"""Options that several commands share, and what they mean."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tfkws.config import TaskConfig
from tfkws.config.strict import Seed as SEED
from tfkws.config.strict import check
from tfkws.data.protocols import PROTOCOLS, make_task
from tfkws.errors import ConfigError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tflite.recipes import RECIPES as CONVERSION_RECIPES
from tfkws.training.recipes import RECIPES as TRAINING_RECIPES

MODELS = Path("artifacts/models")  # the folder under which each trained or compressed model gets its own

Data = Annotated[Path, typer.Option("--data", help="Folder in the layout of Speech Commands.")]
Clips = Annotated[Path | None, typer.Option("--data", help="The folder of clips, in place of an argument.")]
Out = Annotated[Path | None, typer.Option("--out", help="The folder to write, in place of an argument.")]
TrainedOn = Annotated[
    Path | None, typer.Option("--data", help="Folder of clips. Default: the one that the model was trained on.")
]
Models = Annotated[Path, typer.Option("--models", help="Folder under which each model gets its own.")]
Protocol = Annotated[str, typer.Option("--task", "--protocol", help=f"{', '.join(PROTOCOLS)}.")]
Words = Annotated[
    list[str],
    typer.Option("--words", "--word", help="Words, separated by commas or one an option. Default: the protocol's own."),
]
FrontEnd = Annotated[str, typer.Option(help=f"Front end: {', '.join(FRONT_ENDS)}.")]
TrainingRecipe = Annotated[str, typer.Option(help=f"Training recipe: {', '.join(TRAINING_RECIPES)}.")]
CONVERSION_NAMES = ", ".join(CONVERSION_RECIPES)
REAL_TARGETS = r"local, ssh://\[user@]host[:port], adb:SERIAL"  # Typer reads its help texts as markup: [user@] vanishes


def checked_seed(value: int) -> int:
    """Return a seed that NumPy, Keras and TensorFlow take alike.

    Raises:
        ConfigError: it is negative, or above 2^32 - 1.

    Example:
        >>> checked_seed(2**32)
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: --seed must lie in 0..4294967295. Received 4294967296.
    """
    check(SEED, value, "--seed")
    return value


Seed = Annotated[int, typer.Option(help="Keys every random draw.", callback=checked_seed)]


def trust(modules: list[str]) -> list[str]:
    """Import the modules that the user names, so that a .keras file may name their layers.

    Raises:
        ModelError: one cannot be imported.
    """
    if modules:
        from tfkws.models.saving import trust_module

        for module in modules:
            trust_module(module)
    return modules


Imports = Annotated[
    list[str],
    typer.Option("--import", help="Module of your own layers, which a .keras file may then name.", callback=trust),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Target = Annotated[str, typer.Option(help=f"{REAL_TARGETS}, qemu-aarch64[:CPU] or replay:DIR.")]
TargetPython = Annotated[
    str, typer.Option("--python", help="Python of an ssh or adb target, such as ~/venv/bin/python. Default: python3.")
]
Record = Annotated[
    Path | None, typer.Option(help="Folder for a recording of the target's answers, for --target replay:DIR.")
]


def read_task(protocol: str, words: Sequence[str]) -> TaskConfig:
    """Build the task from `--task` and `--words`.

    Raises:
        ConfigError: no protocol has that name, or the words do not fit it.
    """
    return make_task(protocol, joined_words(words))


def joined_words(options: Sequence[str]) -> tuple[str, ...]:
    """Return the words of all options together; each may name several, separated by commas.

    Example:
        >>> joined_words(["yes, no", "hey computer"])
        ('yes', 'no', 'hey computer')
    """
    return tuple(word for option in options for word in split_words(option))


def split_words(words: str) -> tuple[str, ...]:
    """Split text at commas, without spaces and empty parts.

    Example:
        >>> split_words("yes, no")
        ('yes', 'no')
    """
    return tuple(word.strip() for word in words.split(",") if word.strip())


def read_variant(convs: str, settings: list[str]) -> dict[str, Any]:
    """Collect a model's own parameters from `--convs` and `--set name=value`.

    A value is JSON, or else text.

    Raises:
        ConfigError: a setting has no "=".

    Example:
        >>> read_variant("", ["width=0.5", "size=s"])
        {'width': 0.5, 'size': 's'}
    """
    variant: dict[str, Any] = {"convs": convs} if convs else {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError(f"--set takes name=value. Received {setting!r}.")
        try:
            variant[name] = json.loads(value)
        except json.JSONDecodeError:
            variant[name] = value
    return variant
