"""One table, written as HTML, Markdown or CSV."""

import csv
import io
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Table:
    """Rows of text under column names; columns in `numeric` are aligned to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[str, ...] = ()
    note: str = ""

    def to_html(self) -> str:
        """HTML with every cell escaped."""
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
        """A GitHub-flavoured table with its title above and its note below."""
        rule = ["---:" if column in self.numeric else "---" for column in self.columns]
        lines = [_markdown_row(row) for row in (self.columns, tuple(rule), *self.rows)]
        note = f"\n{self.note}\n" if self.note else ""
        return f"**{self.title}**\n\n" + "\n".join(lines) + f"\n{note}"

    def to_csv(self) -> str:
        """CSV with a header row."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.columns, *self.rows])
        return text.getvalue()


def _markdown_row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
