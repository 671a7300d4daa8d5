"""The lock is whole: `make setup` installs its rows and nothing else, without asking what they need."""

import importlib.metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parents[1] / "requirements" / "py311-tf217.txt"
ROWS = [line.strip() for line in LOCK.read_text().splitlines() if line.strip() and not line.startswith("#")]
VERSIONS = {canonicalize_name(name): version for name, _, version in (row.partition("==") for row in ROWS)}


def wanted(package: str, extras: frozenset[str]) -> list[Requirement]:
    """What an installed package needs here, with these extras."""
    needs = [Requirement(text) for text in importlib.metadata.requires(package) or []]
    here = ({"extra": extra} for extra in extras | {""})
    environments = list(here)
    return [one for one in needs if one.marker is None or any(map(one.marker.evaluate, environments))]


@pytest.mark.parametrize("package", VERSIONS)
def test_all_that_a_row_needs_is_a_row(package: str) -> None:
    try:
        needs = wanted(package, frozenset())
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{package} is not installed here")
    more = [each for one in needs for each in wanted(one.name, frozenset(one.extras))]
    for one in (*needs, *more):
        assert one.specifier.contains(VERSIONS[canonicalize_name(one.name)], prereleases=True), one


def test_the_lock_has_what_tfkws_needs_to_train_and_be_tested() -> None:
    for one in wanted("tfkws", frozenset({"train", "test"})):
        needed = wanted("tfkws", frozenset(one.extras)) if one.name == "tfkws" else [one]
        assert {canonicalize_name(each.name) for each in needed} <= VERSIONS.keys(), one
