"""Kernels on all weights as one vector: packing them for convolutions, and the optimisers' updates."""

from typing import Any, Literal

from tfkws.training.native.kernels.elementwise import stretches
from tfkws.training.native.llvm_code import Code


def gather(module: Any, name: str, lanes: int) -> None:
    """Write the kernel result[i] = vector[index[i]].

    Arguments: vector, index, result, count.
    """
    code = Code(module, name, lanes)
    vector, index, result, count = code.arguments(4)
    first, end = code.share(count)
    with code.loop(first, end) as place:
        code.store(code.load(vector, code.load_whole(index, place)), result, place)
    code.finish()


def update(module: Any, name: str, lanes: int, optimizer: Literal["adam", "sgd", "momentum"], averaged: bool) -> None:
    """Write one optimiser step as Keras takes it, on one vector of weights.

    Adam (Kingma and Ba, arXiv:1412.6980, in the form before section 2.1), or descent with momentum; with decoupled
    weight decay and a moving average of the weights.

    Arguments: weights, gradient, first moment, second moment, average, numbers (floats: rate, decay times rate, share
    of new first moments, share of new second moments, epsilon, momentum of the average, 1 - momentum of the average,
    momentum), count.
    """
    code = Code(module, name, lanes)
    weights, gradient, first_moment, second_moment, average, numbers, count = code.arguments(7)
    rate, decay, share1, share2, epsilon, keep, rest, momentum = (code.load(numbers, i) for i in range(8))
    # A share is whole cache lines long, so that no two threads write to one.
    groups = (count + 63) // 64
    start, stop = code.share(groups)
    begin, stop = start * 64, (stop * 64).minimum(count)
    for place, width, mask in stretches(code, stop - begin):
        at = begin + place
        weight, slope = code.load(weights, at, width, mask), code.load(gradient, at, width, mask)
        weight = weight - weight * decay
        if optimizer == "adam":
            first = code.load(first_moment, at, width, mask)
            second = code.load(second_moment, at, width, mask)
            first = first + (slope - first) * share1
            second = second + (slope * slope - second) * share2
            code.store(first, first_moment, at, mask)
            code.store(second, second_moment, at, mask)
            weight = weight - first * rate / (code.square_root(second) + epsilon)
        elif optimizer == "momentum":
            first = code.load(first_moment, at, width, mask) * momentum - slope * rate
            code.store(first, first_moment, at, mask)
            weight = weight + first
        else:
            weight = weight - slope * rate
        code.store(weight, weights, at, mask)
        if averaged:
            code.store(code.load(average, at, width, mask) * keep + weight * rest, average, at, mask)
    code.finish()
