"""The page: all text is escaped, in HTML and in the order given."""

from tfkws.report.page import Card, Drawing, Section, render_html, render_markdown
from tfkws.report.plots import bars_figure
from tfkws.views.table import Table

EVIL = "<script>alert('&')</script>"


def sections() -> tuple[Section, ...]:
    table = Table(EVIL, (EVIL,), ((EVIL,),), (), EVIL)
    return (Section(EVIL, (EVIL, table, Drawing(bars_figure(["a"], [1.0], "µs"), EVIL, "bars"))),)


def test_no_text_becomes_markup() -> None:
    page = render_html(EVIL, EVIL, EVIL, (Card(EVIL, EVIL),), sections())
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 13  # two of the title


def test_parts_stand_in_their_order() -> None:
    page = render_html("t", "l", "", (), (Section("s", ("first", Table("second", ("a",), ()), "third")),))
    assert page.index("first") < page.index("second") < page.index("third")
    assert 'class="synthetic"' not in page


def test_markdown_links_figures_and_quotes_the_warning() -> None:
    text = render_markdown("t", "lead", "careful", (Card("1 µs", "fast"),), sections())
    assert text.startswith("# t\n\nlead\n\n> careful\n\n- **1 µs** fast\n")
    assert text.endswith("](bars.png)\n")
