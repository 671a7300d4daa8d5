"""One self-contained HTML page: style, tables and figures inside, no external file."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tfkws.report.plots import save_png, to_svg
from tfkws.views.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = """
:root { color-scheme: light dark; --page: #fff; --alarm: #fff4e0; --ink: #1c2530;
  --soft: #5b6673; --line: #dde3ea; --card: #f6f8fa; --accent: #2563a8; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) { :root { --page: #14181d; --alarm: #3a2a10; --ink: #e3e8ee; --soft: #a3adb8;
  --line: #323a44; --card: #1d232a; --accent: #7fb2e8; --warn: #f5c26b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; color: var(--ink); background: var(--page);
       font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p.step { margin: .6rem 0; }
p.lead, p.note { color: var(--soft); } p.note { font-size: .88rem; margin: .35rem 0 1rem; }
p.synthetic { background: var(--alarm); border-left: 4px solid #d97706; color: var(--warn); padding: .6rem .9rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem .9rem; }
.card b { display: block; font-size: 1.35rem; line-height: 1.25; } .card span { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; max-width: 100%; -webkit-overflow-scrolling: touch; }
a { color: var(--accent); } nav ol { columns: 18rem; margin: .25rem 0 1rem; padding-left: 1.5rem; font-size: .9rem; }
table { border-collapse: collapse; margin: .75rem 0 .25rem; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0 .5rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; white-space: nowrap; }
td.text { min-width: 5rem; }
@media (max-width: 40rem) { th, td { padding: .25rem .4rem; } body { padding: 1rem .75rem 3rem; } }
figure { margin: 1rem 0; } figure svg { width: 100%; max-width: 56rem; height: auto; background: #fff; }
figcaption { color: var(--soft); font-size: .88rem; }
code { background: var(--card); padding: .1rem .3rem; border-radius: .25rem; font-size: .88em;
  overflow-wrap: anywhere; }
@media print { body { max-width: none; } }
"""


@dataclass(frozen=True)
class Card:
    """One figure of merit at the head of the page: its value with its unit, and what it means."""

    value: str
    meaning: str


@dataclass(frozen=True)
class Drawing:
    """A figure with a caption that says what is drawn; `name` is its PNG's, without the ending."""

    figure: "Figure"
    caption: str
    name: str

    @cached_property
    def svg(self) -> str:
        """The figure as SVG, drawn once."""
        return to_svg(self.figure)

    def save(self, out: Path) -> None:
        """Write the figure as `<name>.png` into `out`."""
        save_png(self.figure, out / f"{self.name}.png")


@dataclass(frozen=True)
class Command:
    """The line to type that makes a section's results anew."""

    line: str


@dataclass(frozen=True)
class Step:
    """A line to type next, and what it is for."""

    purpose: str
    line: str


Part = str | Table | Drawing | Command | Step


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs, tables, figures and commands, in the order given."""

    title: str
    parts: tuple[Part, ...]


def render_html(title: str, lead: str, warning: str, cards: tuple[Card, ...], sections: tuple[Section, ...]) -> str:
    """Compose the page; all text is escaped, only SVG from `tfkws.report.plots` is inserted as it is.

    Args:
        warning: shown below the head; empty for none.
    """
    card_list = "".join(
        f'<div class="card"><b>{escape(c.value)}</b><span>{escape(c.meaning)}</span></div>' for c in cards
    )
    body = "".join(
        f'<section id="s{number}"><h2>{escape(section.title)}</h2>{"".join(map(_part, section.parts))}</section>'
        for number, section in enumerate(sections)
    )
    alarm = f'<p class="synthetic">{escape(warning)}</p>' if warning else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p>{alarm}<div class="cards">{card_list}</div>'
        f"{_contents(sections)}{body}</body></html>\n"
    )


def _contents(sections: tuple[Section, ...]) -> str:
    """Links to the sections; nothing where there is one alone."""
    links = "".join(f'<li><a href="#s{number}">{escape(each.title)}</a></li>' for number, each in enumerate(sections))
    return f'<nav aria-label="Contents"><ol>{links}</ol></nav>' if len(sections) > 1 else ""


def render_markdown(title: str, lead: str, warning: str, cards: tuple[Card, ...], sections: tuple[Section, ...]) -> str:
    """Compose the same page as Markdown; figures are linked as `<name>.png` beside it."""
    blocks = [f"# {title}", lead, *([f"> {warning}"] if warning else [])]
    blocks.append("\n".join(f"- **{card.value}** {card.meaning}" for card in cards))
    for section in sections:
        blocks.append(f"## {section.title}")
        for part in section.parts:
            if isinstance(part, Table):
                blocks.append(part.to_markdown().rstrip())
            elif isinstance(part, Drawing):
                blocks.append(f"![{part.caption}]({part.name}.png)")
            elif isinstance(part, Command):
                blocks.append(f"    {part.line}")
            elif isinstance(part, Step):
                blocks.append(f"{part.purpose}:\n\n    {part.line}")
            else:
                blocks.append(part)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _part(part: Part) -> str:
    if isinstance(part, Table):
        return part.to_html()
    if isinstance(part, Drawing):
        return f"<figure>{part.svg}<figcaption>{escape(part.caption)}</figcaption></figure>"
    if isinstance(part, Command):
        return f'<p class="note">Made by <code>{escape(part.line)}</code></p>'
    if isinstance(part, Step):
        return f'<p class="step">{escape(part.purpose)}<br><code>{escape(part.line)}</code></p>'
    return f"<p>{escape(part)}</p>"
