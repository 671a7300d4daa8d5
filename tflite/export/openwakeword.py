"""The form "openwakeword": why there is none.

Read in openWakeWord 0.6.0 (`openwakeword/model.py`, `utils.py`): `Model` takes any .tflite file whose input has a
second axis, n, and gives it `AudioFeatures.get_features(n)`, float32 (1, n, 96): the last n vectors of a speech
embedding, one every 80 ms, of a network that comes with the package. A file with another front end fails when it is
run, or, made to fit those shapes, answers something else than what it was trained on.
"""

from tfkws.config import ExportSettings
from tfkws.errors import ConversionError
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.exported import Exported

EMBEDDING = 96  # values of a frame


def openwakeword(bundle: Bundle, settings: ExportSettings) -> Exported:
    """Refuse, and say what to do instead.

    Raises:
        ConversionError: always.
    """
    shape = " x ".join(map(str, bundle.model.graph.input.shape))
    raise ConversionError(
        f"openWakeWord gives every model {EMBEDDING} numbers a frame of its own speech embedding, and this network "
        f"takes {shape} of {bundle.features.name}, so it would hear nothing there; run it by --to python, or let Home "
        "Assistant ask `tfkws serve`."
    )
