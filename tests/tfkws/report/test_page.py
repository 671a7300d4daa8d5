"""The page: all text is escaped, in HTML and in the order given."""

from tfkws.report.page import Card, Drawing, Section, Step, render_html, render_markdown
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


def test_a_page_of_several_sections_has_contents_that_lead_to_them() -> None:
    page = render_html("t", "l", "", (), (Section("First", ("a",)), Section("<Second>", ("b",))))
    assert '<a href="#s1">&lt;Second&gt;</a>' in page
    assert '<section id="s1"><h2>&lt;Second&gt;</h2>' in page
    assert "<nav" not in render_html("t", "l", "", (), (Section("First", ("a",)),))


def test_the_style_knows_dark_screens_and_narrow_ones() -> None:
    page = render_html("t", "l", "", (), ())
    assert "prefers-color-scheme: dark" in page
    assert "overflow-x: auto" in page
    assert "background: #fff" in page.partition("figure svg")[2][:120]  # figures are drawn on white


def test_a_step_tells_its_purpose_and_the_line_to_type() -> None:
    steps = (Section("Next", (Step("Hear <it>", "tfkws listen 'a b.kws'"),)),)
    assert "Hear &lt;it&gt;<br><code>tfkws listen &#x27;a b.kws&#x27;</code>" in render_html("t", "l", "", (), steps)
    assert "Hear <it>:\n\n    tfkws listen 'a b.kws'\n" in render_markdown("t", "l", "", (), steps)
