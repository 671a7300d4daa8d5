"""The table of forms in which a bundle is handed out: one row a form, one module a form beside this one."""

from tfkws.config import ExportForm, ExportSettings
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.c_folder import c_folder
from tfkws.tflite.export.esphome.form import esphome
from tfkws.tflite.export.exported import Exported, Form
from tfkws.tflite.export.openwakeword import openwakeword
from tfkws.tflite.export.python_folder import python_folder

FORMS: dict[ExportForm, Form] = {
    "c": c_folder,
    "esphome": esphome,
    "openwakeword": openwakeword,
    "python": python_folder,
}


def exported(bundle: Bundle, settings: ExportSettings) -> Exported:
    """Return a bundle in the form that the settings name.

    Raises:
        ConversionError: the form cannot hold this bundle.
        RuntimeUnavailableError: the consumer's own package, which measures or checks the form, is not installed.
    """
    return FORMS[settings.to](bundle, settings)
