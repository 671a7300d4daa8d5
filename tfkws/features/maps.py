"""Feature maps from a file."""

from pathlib import Path

import numpy as np

from tfkws.errors import BenchmarkError


def read_maps(path: Path) -> np.ndarray:
    """Read the feature maps (n, ...) of a .npy file.

    Raises:
        BenchmarkError: it is missing, damaged, or no .npy file; pickled objects are never read.
    """
    try:
        maps: np.ndarray = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BenchmarkError(f"{path} cannot be read ({error}); give a .npy file of feature maps.") from error
    return maps
