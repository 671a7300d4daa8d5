"""Every family of the zoo, by name. To add one: write its file, import it here and add it to `FAMILIES`."""

import difflib
import functools
from collections.abc import Mapping

from tfkws.errors import UnknownModelError
from tfkws.models import (
    bc_resnet,
    densenet,
    efficientnet,
    efficientnet_v2,
    matchboxnet,
    mixednet,
    mlperf_ds_cnn,
    mnasnet,
    mobilenet_v2,
    seed_cnn,
    tc_resnet,
    vgg,
)
from tfkws.models.family import Family, ModelEntry, index

FAMILIES: tuple[Family, ...] = (
    seed_cnn.FAMILY,
    mobilenet_v2.FAMILY,
    efficientnet.FAMILY,
    efficientnet_v2.FAMILY,
    densenet.FAMILY,
    mnasnet.FAMILY,
    vgg.FAMILY,
    bc_resnet.FAMILY,
    mlperf_ds_cnn.FAMILY,
    tc_resnet.FAMILY,
    matchboxnet.FAMILY,
    mixednet.FAMILY,
)


@functools.cache
def entries() -> Mapping[str, ModelEntry]:
    """Return all registered networks, name to entry."""
    return index(FAMILIES)


def find(known: Mapping[str, ModelEntry], name: str) -> ModelEntry:
    """Look a name up.

    Raises:
        UnknownModelError: no such name; the message lists near ones.
    """
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"near names are {', '.join(near)}" if near else "no name is near"
    raise UnknownModelError(f"No model is called {name!r}; {hint}, and `tfkws models list` shows all {len(known)}.")
