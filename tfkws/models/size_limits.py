"""How large a network of a stranger's file may be: told from its settings, before any memory is taken."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfkws.errors import ModelError

SIZES = ("filters", "units", "kernel_size", "input_dim", "output_dim", "depth_multiplier", "num_heads", "key_dim")
RECURRENT = ("SimpleRNN", "GRU", "LSTM")  # whose weights grow with the square of their units
MOST_VALUES = 1 << 28  # of one array
MOST_WEIGHTS = 1 << 29  # of a network; the largest of the zoo has 2.1e8


def check_sizes(path: Path, config: Any) -> None:
    """Refuse sizes that would fill the memory before a weight is read: of a layer, a shape, a kernel, or all together.

    Args:
        path: of the file, for the sentence.
        config: what its `config.json` holds.

    Raises:
        ModelError: it asks for too much.
    """
    for numbers in _sizes(config):
        if math.prod(max(1, abs(number)) for number in numbers) > MOST_VALUES:
            raise ModelError(
                f"{path} asks for a layer or an input of the size {' x '.join(map(str, numbers))}, which would fill "
                "the memory; build a smaller network."
            )
    if (weights := sum(_weights(config, _largest(config)))) > MOST_WEIGHTS:
        raise ModelError(f"{path} asks for about {weights:.1e} weights, which would fill the memory; build fewer.")


def _sizes(config: Any) -> Iterator[list[int]]:
    """Whole numbers of each list, and of each layer's settings together, as far as they are sizes."""
    if isinstance(config, dict):
        own: list[int] = []
        for name, value in config.items():
            numbers = _whole_numbers(value)
            own += numbers if name in SIZES else []
            yield numbers if isinstance(value, list) else []
            yield from _sizes(value)
        yield own
    elif isinstance(config, list):
        for value in config:
            yield from _sizes(value)


def _weights(config: Any, largest: int) -> Iterator[int]:
    """About how many weights each layer makes: its own sizes times the channels that it was built for.

    Keras refuses a layer that is called with other channels than it was built for; of one that does not say, the
    largest size of the file is assumed.
    """
    if isinstance(config, list):
        for value in config:
            yield from _weights(value, largest)
    if not isinstance(config, dict):
        return
    settings, built = config.get("config"), config.get("build_config")
    if isinstance(settings, dict) and "class_name" in config:
        own = [max(1, abs(number)) for name in SIZES for number in _whole_numbers(settings.get(name))]
        shape = _whole_numbers(built.get("input_shape")) if isinstance(built, dict) else []
        channels = 1 if "input_dim" in settings else shape[-1] if shape else largest
        if config["class_name"] in RECURRENT:
            channels = 4 * (channels + max(own, default=0))
        yield math.prod(own) * channels if own else 0
    for value in config.values():
        yield from _weights(value, largest)


def _largest(config: Any) -> int:
    """The largest size in a file, of a layer or of a shape."""
    return max((abs(number) for numbers in _sizes(config) for number in numbers), default=1)


def _whole_numbers(value: Any) -> list[int]:
    return [each for each in (value if isinstance(value, list) else [value]) if type(each) is int]
