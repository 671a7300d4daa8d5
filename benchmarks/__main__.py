"""Measure and write one published page: `python -m benchmarks PAGE [--tables]`, from the repository's root."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.pages import PAGES, Page, find_page

USAGE = """python -m benchmarks PAGE [--tables] [--out FOLDER] ...

Measures what PAGE has no record of, then writes its tables and figures to artifacts/published/PAGE.
--tables measures nothing. `python -m benchmarks PAGE --help` lists the options of a page.
`python -m benchmarks all --tables` writes every page again.
`python -m benchmarks gpu --help`: a quarter of an hour on a machine with one large GPU, prepared here."""


def main(arguments: Sequence[str]) -> None:
    """Run one page, or list them.

    Args:
        arguments: of the command line, without the program's name.

    Raises:
        SystemExit: there is no such page, or an option is wrong.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported, which functions do
    if not arguments or arguments[0] in ("-h", "--help"):
        print(listing())
    elif list(arguments) == ["all", "--tables"]:
        for page in PAGES.values():
            run_page(page, ["--tables"])
    elif arguments[0] == "gpu":
        from benchmarks.gpu.program import main as gpu_program

        raise SystemExit(gpu_program(arguments[1:]))
    else:
        run_page(find_page(arguments[0]), arguments[1:])


def listing() -> str:
    """Return the usage and all pages, one a line."""
    width = max(map(len, PAGES))
    lines = [f"  {page.name:{width}}  {page.summary}" for page in PAGES.values()]
    return "\n".join([USAGE, "", *lines])


def run_page(page: Page, arguments: Sequence[str]) -> None:
    """Measure what is missing unless --tables is among the arguments, then write the page's tables."""
    module = page.load()
    parser = argparse.ArgumentParser(
        f"python -m benchmarks {page.name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tables", action="store_true", help="only write tables and figures, from the records")
    parser.add_argument("--out", type=Path, default=page.default_folder(), help="default: %(default)s")
    module.add_options(parser)
    options = parser.parse_args(arguments)
    if not options.tables:
        module.measure(options)
    module.write_tables(options.out)


if __name__ == "__main__":
    main(sys.argv[1:])
