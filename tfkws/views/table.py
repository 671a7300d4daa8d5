"""One table, for the terminal and as HTML, Markdown or CSV; columns say where their cells come from."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from tfkws.printable import printable

if TYPE_CHECKING:
    from rich.table import Table as RichTable

PADDING = 2  # characters that a column takes besides its text in a terminal
LEAST_TEXT = 14  # characters of the widest column of text, where columns are shown at all
EDGES = 2  # and a table besides its columns

Record = Mapping[str, Any]  # one result, as its JSON file holds it


@dataclass(frozen=True)
class Table:
    """Rows of text under column names; columns in `numeric` are aligned to the right.

    A narrow terminal shows it without the columns in `droppable`, the last of which goes first.

    Example:
        >>> table = Table("Scores", ("model", "accuracy"), (("kws10", "96.1 %"), ("dscnn", "95.4 %")), ("accuracy",))
        >>> print(table.to_csv(), end="")
        model,accuracy
        kws10,96.1 %
        dscnn,95.4 %
        >>> print(table.to_markdown(), end="")
        **Scores**
        <BLANKLINE>
        | model | accuracy |
        | --- | ---: |
        | kws10 | 96.1 % |
        | dscnn | 95.4 % |
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[str, ...] = ()
    note: str = ""
    droppable: tuple[str, ...] = ()

    def to_html(self) -> str:
        """Return HTML with every cell escaped, title and note included."""
        classes = ["number" if column in self.numeric else "text" for column in self.columns]
        head = "".join(f'<th class="{c}">{escape(n)}</th>' for c, n in zip(classes, self.columns, strict=True))
        body = "".join(
            "<tr>" + "".join(f'<td class="{c}">{escape(v)}</td>' for c, v in zip(classes, row, strict=True)) + "</tr>"
            for row in self.rows
        )
        note = f'<p class="note">{escape(self.note)}</p>' if self.note else ""
        caption = f"<caption>{escape(self.title)}</caption>"
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div class="scroll">{table}</div>{note}'

    def to_markdown(self) -> str:
        """Return a GitHub-flavoured table with its title above and its note below."""
        rule = ["---:" if column in self.numeric else "---" for column in self.columns]
        lines = [_markdown_row(row) for row in (self.columns, tuple(rule), *self.rows)]
        note = f"\n{self.note}\n" if self.note else ""
        return f"**{self.title}**\n\n" + "\n".join(lines) + f"\n{note}"

    def to_csv(self) -> str:
        """Return CSV with a header row, without title and note."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.columns, *self.rows])
        return text.getvalue()

    def fitted(self, width: int) -> "Table":
        """Leave out as many droppable columns as it takes to fit into `width` characters, and say so in the note.

        Example:
            >>> table = Table("", ("file", "time", "kernels"), (("a", "1 µs", "convolution"),), droppable=("kernels",))
            >>> table.fitted(20).columns, table.fitted(20).note
            (('file', 'time'), 'Left out for want of width: kernels.')
            >>> table.fitted(80) == table
            True
        """
        left_out: list[str] = []
        for column in reversed(self.droppable):
            kept = [place for place, name in enumerate(self.columns) if name not in left_out]
            if sum(self._width(place) + PADDING for place in kept) + EDGES <= width:
                break
            left_out.append(column)
        return self._without(left_out) if left_out else self

    def without(self, *columns: str) -> "Table":
        """Leave columns out, such as digests that nobody reads on a page.

        Example:
            >>> Table("", ("file", "digest"), (("a", "0f"),)).without("digest").rows
            (('a',),)
        """
        kept = [place for place, name in enumerate(self.columns) if name not in columns]
        return replace(
            self,
            columns=tuple(self.columns[place] for place in kept),
            rows=tuple(tuple(row[place] for place in kept) for row in self.rows),
            numeric=tuple(name for name in self.numeric if name not in columns),
            droppable=tuple(name for name in self.droppable if name not in columns),
        )

    def _width(self, place: int) -> int:
        return max(map(len, (self.columns[place], *(row[place] for row in self.rows))))

    def _without(self, columns: Sequence[str]) -> "Table":
        told = f"Left out for want of width: {', '.join(name for name in self.columns if name in columns)}."
        return replace(self.without(*columns), note=f"{self.note} {told}".strip(), droppable=())

    def fits(self, width: int) -> bool:
        """Return whether a terminal of that many characters can show it without breaking words of a dozen letters."""
        widths = [self._width(place) + PADDING for place in range(len(self.columns))]
        texts = [width for width, name in zip(widths, self.columns, strict=True) if name not in self.numeric]
        widest = max(texts, default=0)
        return sum(widths) - widest + min(widest, LEAST_TEXT) + EDGES <= width

    def to_lines(self) -> str:
        """Return each row as lines of heading and cell, for a terminal that is too narrow for columns.

        Example:
            >>> print(Table("Scores", ("model", "accuracy"), (("kws10", "96.1 %"), ("kws1", "97 %"))).to_lines())
            Scores
            <BLANKLINE>
            model: kws10
            accuracy: 96.1 %
            <BLANKLINE>
            model: kws1
            accuracy: 97 %
        """
        pairs = [zip(self.columns, row, strict=True) for row in self.rows]
        blocks = ["\n".join(f"{name}: {cell}" if name else cell for name, cell in each if cell) for each in pairs]
        return "\n\n".join([self.title, *blocks])

    def to_terminal(self) -> "RichTable":
        """Return a Rich table whose cells are not read as markup; the note is left to be printed below.

        Where it is too wide, the widest column of text is wrapped before any other.
        """
        from rich.box import SIMPLE_HEAD
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(
            title=Text(printable(self.title)),
            title_justify="left",
            header_style="bold",
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
        )
        texts = [place for place, name in enumerate(self.columns) if name not in self.numeric]
        widest = max(texts, key=self._width, default=None)
        for place, column in enumerate(self.columns):
            justify: Any = "right" if column in self.numeric else "left"
            table.add_column(Text(printable(column)), justify=justify, overflow="fold", no_wrap=place != widest)
        for row in self.rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        return table


@dataclass(frozen=True)
class Column:
    """A heading, and what stands below it for each record.

    Attributes:
        value: key of a record, or a function of the whole record; where it gives None, the cell is empty.
        show: turns that value into text.
        is_number: whether the column is aligned to the right.
    """

    heading: str
    value: str | Callable[[Any], Any]
    show: Callable[[Any], str] = str
    is_number: bool = False

    def cell(self, record: Record) -> str:
        """Return the text of one cell.

        Raises:
            KeyError: the record lacks the key.
        """
        value = record[self.value] if isinstance(self.value, str) else self.value(record)
        return "" if value is None else self.show(value)


def text(heading: str, value: str | Callable[[Any], Any], show: Callable[[Any], str] = str) -> Column:
    """Return a column that is aligned to the left."""
    return Column(heading, value, show)


def number(heading: str, value: str | Callable[[Any], Any], show: Callable[[Any], str] = str) -> Column:
    """Return a column that is aligned to the right."""
    return Column(heading, value, show, is_number=True)


def table_of(
    title: str, columns: Sequence[Column], records: Iterable[Any], note: str = "", droppable: tuple[str, ...] = ()
) -> Table:
    """Return a table with one row a record.

    Args:
        droppable: headings of columns that a narrow terminal leaves out; the last goes first.

    Example:
        >>> from tfkws.units import format_us
        >>> columns = (text("file", "model"), number("median", "median_us", format_us))
        >>> print(table_of("Latency", columns, [{"model": "int8.tflite", "median_us": 623.0}]).to_csv(), end="")
        file,median
        int8.tflite,623 µs
    """
    rows = tuple(tuple(column.cell(record) for column in columns) for record in records)
    headings = tuple(column.heading for column in columns)
    numeric = tuple(column.heading for column in columns if column.is_number)
    return Table(title, headings, rows, numeric, note, droppable)


def facts_table(title: str, facts: Mapping[str, str], note: str = "") -> Table:
    """Return a table of two columns: what, and its value."""
    return Table(title, ("what", "value"), tuple(facts.items()), (), note)


def _markdown_row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
