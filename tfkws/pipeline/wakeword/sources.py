"""What a run begins with: a user's own folders, an earlier run, and the settings that its folder was claimed for."""

from dataclasses import dataclass
from pathlib import Path

from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.errors import RunFolderError
from tfkws.printable import printable
from tfkws.result_files import WAKEWORD_RECORD, WAKEWORD_SETTINGS
from tfkws.run_folder import read_record, write_json
from tfkws.training.model_folder import ModelFolder, open_model_folder

SETTINGS = WAKEWORD_SETTINGS
RECORD = WAKEWORD_RECORD
SPOKEN, MODEL = "spoken.npz", "model"


@dataclass(frozen=True)
class Sources:
    """Folders of a user's own recordings; None where there are none.

    Attributes:
        speech: speech without the phrase.
        recordings: the phrase in the user's own voice.
        negatives: what a detector was mistaken about, as `tfkws listen --record` keeps it.
        front: a search, whose front the network is chosen of.
        earlier: folder of an earlier run of the same phrase, whose speech and network a short retraining begins with.
    """

    speech: Path | None = None
    recordings: Path | None = None
    negatives: Path | None = None
    front: Path | None = None
    earlier: Path | None = None

    def to_dict(self) -> dict[str, str]:
        """Return JSON-ready values."""
        return {name: str(path.resolve()) for name, path in vars(self).items() if path is not None}


def open_earlier(folder: Path, phrase: str) -> ModelFolder:
    """Open the network of an earlier run.

    Raises:
        RunFolderError: the folder holds no finished run of the same phrase.
    """
    if not (folder / SETTINGS).is_file() or not (folder / RECORD).is_file():
        raise RunFolderError(f"{folder} holds no finished run of `tfkws wakeword`; give the folder that one wrote.")
    found = read_record(folder / SETTINGS).get("phrase")
    if found != phrase:
        raise RunFolderError(
            f"{folder} is about {printable(str(found))!r}, not {phrase!r}; give a run of the same phrase."
        )
    return open_model_folder(folder / MODEL)


def claim(
    folder: Path, config: WakewordConfig, engines: tuple[str, ...], sources: Sources, limits: NetworkLimits
) -> None:
    """Write the settings, or make sure that those there are the same.

    Raises:
        RunFolderError: they are others.
    """
    settings = config.to_dict() | {
        "engines": list(engines),
        "sources": sources.to_dict(),
        "limits": limits.to_dict(),
        "effort": config.effort.to_dict(),
    }
    path = folder / SETTINGS
    if not path.exists():
        write_json(path, settings)
    elif read_record(path) != settings:
        raise RunFolderError(f"{folder} holds a detector of other settings; choose another folder by --out.")
