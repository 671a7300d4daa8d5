"""Find, train, convert, profile, run and listen with keyword-spotting networks for small CPUs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # holds NumPy and the runtime back
    from tfkws.detect.detector import Detector as Detector

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import `tfkws.Detector` when it is first asked for."""
    if name == "Detector":
        from tfkws.detect.detector import Detector

        return Detector
    raise AttributeError(f"module 'tfkws' has no attribute {name!r}")
