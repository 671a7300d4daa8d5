"""The exceptions of tfkws. Each message is one sentence that says what was received and what to do.

TfkwsError
├── ConfigError (ValueError)        a setting is unknown, missing or out of range
├── DataError (ValueError)          a data folder, split or task cannot be used
│   └── AudioError                  one audio file cannot be decoded
├── ModelError (ValueError)         a network cannot be built, loaded or saved
│   ├── UnknownModelError           no such name in the registry
│   └── ShapeTooSmallError          the input is too small for the strides of a layer
├── CostError (ValueError)          something cannot be counted
│   └── UnsupportedLayerError       no rule for a layer or an operator
├── RunFolderError                  a run folder is missing, foreign, half-written or cannot be written
├── ConversionError                 a .tflite file cannot be made
│   ├── ParityError                 the converted model lost accuracy
│   └── StreamingError              a network cannot run on a stream
├── TfliteFileError (ValueError)    a .tflite file or bundle is damaged or not one
├── RuntimeUnavailableError         a runtime, decoder or optional package is not installed
├── BenchmarkError                  a measurement cannot be made or compared
│   ├── TargetError                 a device or emulator cannot be reached, or failed under the work
│   ├── ProfileParseError           the output of a profiler is not understood
│   └── PredictionError             a latency model is asked about what was not measured
├── ServiceError                    a service cannot listen at its address
│   └── MessageError                a client breaks the protocol of a service, and is dropped
├── SearchError                     a search cannot start or go on
│   └── JournalError                a journal is damaged in a way that loses trials
├── PhraseError (ValueError)        a phrase or a pronunciation cannot be spoken
└── SynthesisError                  the speech synthesiser failed
"""

import difflib
from collections.abc import Iterable
from typing import Any


def did_you_mean(received: Any, known: Iterable[Any]) -> str:
    """Return the end of an error's sentence that names the known name next to `received`; empty where none is near.

    Example:
        >>> did_you_mean("quik", ["quick", "best"])
        " Did you mean 'quick'?"
    """
    near = difflib.get_close_matches(str(received), [str(name) for name in known], n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


class TfkwsError(Exception):
    """Root of every error that tfkws raises on purpose; the command line prints it and exits 1."""


class ConfigError(TfkwsError, ValueError):
    """A setting is unknown, missing or out of range."""


class DataError(TfkwsError, ValueError):
    """A data folder, split or task cannot be used."""


class AudioError(DataError):
    """One audio file cannot be decoded."""


class ModelError(TfkwsError, ValueError):
    """A network cannot be built, loaded or saved."""


class UnknownModelError(ModelError):
    """No model of that name is registered."""


class ShapeTooSmallError(ModelError):
    """The input is too small for the strides of a layer; the message names the layer."""


class CostError(TfkwsError, ValueError):
    """Something cannot be counted."""


class UnsupportedLayerError(CostError):
    """No counting rule exists for a layer or an operator."""


class RunFolderError(TfkwsError):
    """A run folder is missing, foreign or half-written."""


class ConversionError(TfkwsError):
    """A .tflite file cannot be made."""


class ParityError(ConversionError):
    """The converted model lost more accuracy than the gate allows."""


class StreamingError(ConversionError):
    """A network cannot run on a stream; the message names the layer and why."""


class TfliteFileError(TfkwsError, ValueError):
    """A .tflite file or bundle is damaged or not one."""


class RuntimeUnavailableError(TfkwsError):
    """A runtime, decoder or optional package is not installed; the message says how to install it."""


class BenchmarkError(TfkwsError):
    """A measurement cannot be made or compared."""


class TargetError(BenchmarkError):
    """A device or emulator cannot be reached, is not set up, or failed under the work."""


class ProfileParseError(BenchmarkError):
    """The output of a profiler is not understood."""


class PredictionError(BenchmarkError):
    """A latency model is asked about an operator of a kind or a size that was not measured."""


class ServiceError(TfkwsError):
    """A service cannot listen at its address."""


class MessageError(ServiceError):
    """A client breaks the protocol of a service, and is dropped; the message says what it did."""


class SearchError(TfkwsError):
    """A search cannot start or go on."""


class JournalError(SearchError):
    """A journal is damaged in a way that loses trials."""


class PhraseError(TfkwsError, ValueError):
    """A phrase or a pronunciation cannot be spoken."""


class SynthesisError(TfkwsError):
    """The speech synthesiser failed."""
