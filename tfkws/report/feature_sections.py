"""What the network is shown: one clip of the wake word through the front ends of both papers."""

from collections.abc import Iterator
from pathlib import Path

from tfkws.report.page import Drawing, Section
from tfkws.report.plots import map_figure
from tfkws.run_folder import read_json
from tfkws.units import format_us


def feature_sections(path: Path) -> Iterator[Section]:
    """The section of `features.json`; none where the file is not there."""
    if not path.exists():
        return
    drawings = []
    for shown in read_json(path):
        rows, frames = len(shown["map"]), len(shown["map"][0])
        caption = (
            f"{shown['clip']} as {shown['name']} (paper {shown['paper']}): {rows} x {frames}, each row in deviations "
            f"from its mean; {format_us(shown['us_per_clip'])} a clip in NumPy on this machine."
        )
        figure = map_figure(shown["map"], "cepstral coefficient" if "mfcc" in shown["name"] else "mel band")
        drawings.append(Drawing(figure, caption, f"features-{shown['name']}"))
    yield Section("Features of both papers", tuple(drawings))
