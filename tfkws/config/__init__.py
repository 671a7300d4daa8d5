"""Frozen configurations. Defaults live here and nowhere else; field names carry their units.

Each is checked when it is made. What determines a run is written to its folder as `config.json` and read back strictly:
an unknown key is an error.
"""

from tfkws.config.compression import CompressConfig, Compression, Importance
from tfkws.config.conversion import ConversionSettings, GpuUse, InputKind, StreamConfig
from tfkws.config.detector import DetectorConfig, FoundThreshold
from tfkws.config.export import ExportForm, ExportSettings
from tfkws.config.features import FeatureConfig
from tfkws.config.foreign import ForeignModel
from tfkws.config.hearing.service import ServiceConfig
from tfkws.config.measurement import BenchmarkSettings, CountSettings, LayerSettings, OperatorSettings
from tfkws.config.quickstart import SynthesisSettings
from tfkws.config.search import ARENA_KIB, FILE_KIB, GPU, MICRO_ARENA_KIB, ON_GPU, PREDICTED, SearchConfig, TrialPlace
from tfkws.config.strict import Config
from tfkws.config.task import (
    BACKGROUND_NOISE,
    NO_WORDS,
    OTHER,
    PAPER_A_WORDS,
    PAPER_B_WORDS,
    SILENCE,
    UNKNOWN,
    TaskConfig,
)
from tfkws.config.training import AugmentConfig, ModelConfig, RunConfig, TrainConfig

__all__ = [
    "ARENA_KIB",
    "BACKGROUND_NOISE",
    "FILE_KIB",
    "NO_WORDS",
    "OTHER",
    "PAPER_A_WORDS",
    "PAPER_B_WORDS",
    "GPU",
    "MICRO_ARENA_KIB",
    "ON_GPU",
    "PREDICTED",
    "SILENCE",
    "UNKNOWN",
    "AugmentConfig",
    "BenchmarkSettings",
    "CompressConfig",
    "Compression",
    "Config",
    "ConversionSettings",
    "CountSettings",
    "DetectorConfig",
    "ExportForm",
    "ExportSettings",
    "FeatureConfig",
    "ForeignModel",
    "FoundThreshold",
    "Importance",
    "GpuUse",
    "InputKind",
    "LayerSettings",
    "ModelConfig",
    "OperatorSettings",
    "RunConfig",
    "SearchConfig",
    "ServiceConfig",
    "StreamConfig",
    "SynthesisSettings",
    "TaskConfig",
    "TrainConfig",
    "TrialPlace",
]
