"""An import that fails, as one sentence: which package, and the extra of tfkws that brings it."""

import re

UNLIKE = {"sklearn": "scikit-learn"}  # modules that are not named as their package
NO_ROOM = ("failed to map segment", "cannot allocate memory", "cannot apply additional memory protection")
OUT_OF_MEMORY = "Out of memory; use a smaller model, a smaller batch or fewer clips."


def import_sentence(error: ImportError) -> str:
    """Return what to do about a failed import; nothing where it is a fault of tfkws itself.

    Example:
        >>> import_sentence(ModuleNotFoundError("No module named 'keras'", name="keras"))
        "This needs keras, which is not installed; run `pip install 'tfkws[train]'`."
        >>> import_sentence(ImportError("libx.so: failed to map segment from shared object", name=None))
        'Out of memory: a library could not be loaded (libx.so); allow this process more of it.'
    """
    if any(cause in str(error).lower() for cause in NO_ROOM):
        library = str(error).partition(":")[0]
        return f"Out of memory: a library could not be loaded ({library}); allow this process more of it."
    module = (error.name or "").partition(".")[0]
    if module in ("", "tfkws"):
        return ""
    if not isinstance(error, ModuleNotFoundError):
        reason = str(error).rstrip(".")
        return f"{module} is installed and does not load ({reason}); `tfkws doctor` looks for the cause."
    extra = extra_of(module)
    wanted = module if extra is None else f"tfkws[{extra}]" if extra else "tfkws"
    return f"This needs {module}, which is not installed; run `pip install '{wanted}'`."


def extra_of(module: str) -> str | None:
    """Return the extra of tfkws that brings a module: empty for what every install has, None for what none brings.

    Example:
        >>> extra_of("keras_tuner"), extra_of("asyncssh"), extra_of("numpy"), extra_of("nothing")
        ('train', 'devices', '', None)
    """
    package = UNLIKE.get(module, module).replace("_", "-")
    for required in _requirements():
        name, _, condition = required.partition(";")
        if re.split(r"[^\w.-]", name.strip())[0].lower() == package.lower():
            found = re.search(r"extra == ['\"](\w+)['\"]", condition)
            return found[1] if found else ""
    return None


def _requirements() -> list[str]:
    import importlib.metadata

    try:
        return importlib.metadata.requires("tfkws") or []
    except importlib.metadata.PackageNotFoundError:  # a checkout that was not installed
        return []
