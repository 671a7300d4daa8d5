"""The model zoo: networks by name, for any input shape and any number of classes, on any Keras backend."""

from typing import Any


def list_models() -> tuple[str, ...]:
    """Return the names of all registered networks, family by family."""
    from tfkws.models.registry import entries

    return tuple(entries())


def build_model(name: str, input_shape: tuple[int, int, int], num_classes: int, **variant: Any) -> Any:
    """Build a registered network with fresh weights.

    Args:
        name: one of `list_models()`.
        input_shape: (height, width, channels) of one example, without the batch.
        num_classes: at least 2.
        **variant: the family's own parameters, such as `convs` of `seed_cnn` or `width` of `mobilenet_v2`;
            each replaces the value that the name stands for. Every family has `widths` and `kernels` besides:
            filters and kernel sizes of single layers by name, as pruning leaves them and a search chooses
            them.

    Returns:
        A `keras.Model` from float32 (b, h, w, c) to float32 probabilities (b, num_classes). Its last two
        layers are named `logits` (no activation) and `probabilities` (softmax).

    Raises:
        UnknownModelError: no such name.
        ShapeTooSmallError: the input is too small for a layer, which the message names.
        ModelError: a shape, class count or variant parameter is not valid.
    """
    from tfkws.models.registry import entries, find

    return find(entries(), name).build(tuple(input_shape), num_classes, variant)
