"""Options of the command line made from the fields of a configuration: type, default and help are those of the field.

A field `max_macs` becomes `--max-macs`; a switch that is off by default becomes `--name`, one that is on gets its
`--no-name` too. The help is the field's line in the Attributes section of its class.
"""

import dataclasses
import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, Literal, TypeVar

import typer

from tfkws.config.strict import Config, hints_of
from tfkws.errors import ConfigError

C = TypeVar("C", bound=Config)
Command = Callable[..., None]
EMPTY = ""  # of an option that is text: not given


@dataclass(frozen=True)
class Changes(Generic[C]):
    """The options that were given, for fields of a configuration that comes from elsewhere.

    Attributes:
        values: value of each such field.
    """

    values: Mapping[str, Any]

    def to(self, config: C) -> C:
        """Return `config` with these values.

        Raises:
            ConfigError: a value is not valid; the sentence names the option.
        """
        with spelled_as_options(type(config), {field: (spelling(field),) for field in self.values}):
            return replace(config, **self.values)


def options_of(
    cls: type[Any],
    *,
    but: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    named: Mapping[str, str] | None = None,
    read: Mapping[str, Callable[[str], Any]] | None = None,
    helps: Mapping[str, str] | None = None,
    spelled: Mapping[str, tuple[str, ...]] | None = None,
    empty: tuple[str, ...] = (),
    panels: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Command], Command]:
    """Return a decorator that gives a command the fields of `cls` as options.

    The command takes them as one parameter annotated with `cls`, or with `Changes[cls]`: then no option has a default,
    and it gets those that were given.

    Args:
        but: fields that become no option.
        only: fields that do, where not all do.
        named: name of the option's parameter where it is not the field's.
        read: turns the text of an option into the field's value; such an option is text. That of a tuple may be
            given several times, which is the same as once with commas.
        empty: fields whose option is empty text by default, which `read` takes for the field's default.
        spelled: spellings of an option where they are not the parameter's name.
        helps: help of an option where the field's own line does not suffice.
        panels: titles in the command's help, and the fields below each.
    """
    fields = [f for f in dataclasses.fields(cls) if f.name not in but and (not only or f.name in only)]
    names = {field.name: (named or {}).get(field.name, field.name) for field in fields}
    spellings = {field: (spelling(name),) for field, name in names.items()} | dict(spelled or {})
    texts = attribute_lines(cls) | dict(helps or {})
    readers = read or {}
    panel_of = {field: title for title, below in (panels or {}).items() for field in below}

    def decorate(command: Command) -> Command:
        """Give the command an option for each field, in place of the parameter that takes the settings."""
        own = inspect.signature(command).parameters
        (slot,) = [name for name, each in own.items() if each.annotation in (cls, Changes[cls])]  # type: ignore[valid-type]
        whole = own[slot].annotation is cls
        options = [
            _option(
                f,
                cls,
                names[f.name],
                spellings[f.name],
                texts[f.name],
                f.name in readers,
                whole and f.name not in empty,
                panel_of.get(f.name),
            )
            for f in fields
        ]

        @functools.wraps(command)
        def run(**given: Any) -> None:
            values = {field: _joined(given.pop(name)) for field, name in names.items()}
            if not whole:
                values = {field: value for field, value in values.items() if value not in (None, EMPTY)}
            with spelled_as_options(cls, spellings):
                values |= {field: reader(values[field]) for field, reader in readers.items() if field in values}
                settings = cls(**values) if whole else Changes(values)
            command(**given, **{slot: settings})

        parameters = [option for name, each in own.items() for option in (options if name == slot else [each])]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorate


def attribute_lines(cls: type) -> dict[str, str]:
    """Return what the Attributes section of a class says of each attribute, as a sentence.

    Example:
        >>> from tfkws.config import DetectorConfig
        >>> attribute_lines(DetectorConfig)["hop_ms"]
        'Time between two answers.'
    """
    section = inspect.cleandoc(cls.__doc__ or "").partition("Attributes:\n")[2]
    entries = re.findall(r"^ {4}(\w+(?:, \w+)*): (.*(?:\n {8}.*)*)", section, re.MULTILINE)
    lines = {name: " ".join(text.split()) for names, text in entries for name in names.split(", ")}
    return {name: text[:1].upper() + text[1:] for name, text in lines.items()}


@contextmanager
def spelled_as_options(cls: type[Any], spellings: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
    """Let the sentence of a ConfigError begin with the option where it begins with the field.

    Args:
        cls: the configuration.
        spellings: of the option of each field; the first one is named.

    Raises:
        ConfigError: in place of the one that the block raised.
    """
    options = {f"{cls.__name__}.{field}": spelled[0] for field, spelled in spellings.items()}
    try:
        yield
    except ConfigError as error:
        field, space, rest = str(error).partition(" ")
        raise ConfigError(f"{options.get(field, field)}{space}{rest}") from None


def spelling(name: str) -> str:
    """Return the option of a parameter.

    Example:
        >>> spelling("fine_tune")
        '--fine-tune'
    """
    return f"--{name.replace('_', '-')}"


def _option(
    field: "dataclasses.Field[Any]",
    cls: type[Any],
    name: str,
    spellings: tuple[str, ...],
    text: str,
    is_read: bool,
    whole: bool,
    panel: str | None,
) -> inspect.Parameter:
    hint = hints_of(cls)[field.name]
    kind, optional = (str, False) if is_read else _plain(hint)
    default = _default(field, is_read) if whole else (EMPTY if kind is str else None)
    if is_read and typing.get_origin(hint) is tuple:
        kind, default = list[str], [default] if default else []
    if kind is bool and default is not False:
        spellings = tuple(f"{each}/--no-{each.removeprefix('--')}" for each in spellings)
    annotation = kind | None if optional or default is None else kind
    option = typer.Option(*spellings, help=text, rich_help_panel=panel)
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=Annotated[annotation, option]
    )


def _plain(hint: Any) -> tuple[Any, bool]:
    """The type that Typer reads for an annotation, and whether None is allowed besides."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _plain(arguments[0])
    if origin is Literal:
        return str, False
    if type(None) in arguments:
        (one,) = [each for each in arguments if each is not type(None)]
        return _plain(one)[0], True
    return hint, False


def _joined(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value


def _default(field: "dataclasses.Field[Any]", is_read: bool) -> Any:
    """The field's default; of an option that is read from text as that text; none of a field that must be given."""
    default: Any = field.default
    if default is dataclasses.MISSING:
        return inspect.Parameter.empty
    return ",".join(map(str, default)) if is_read else default
