"""The tables that judge measures and models by the two papers' own numbers."""

from collections.abc import Mapping

from benchmarks.profile.gpu.paper_a_table2 import TABLE_2, ClassWork, network_ms
from benchmarks.profile.gpu.ranks import correlation_text, rank_correlation
from benchmarks.profile.gpu.study import Study, Values, fixed_share, only, speedups
from benchmarks.profile.why import PAPER_A_SECONDS
from benchmarks.zoo_files import WAKE_WORD
from tfkws.intervals import LEVEL
from tfkws.units import format_percent
from tfkws.views.table import Table

PAPER_B = {"paper B, Figure 5: Exynos 5422, Caffe": 1.85, "paper B, Figure 6: GTX 1080 Ti, Caffe": 1.59}
ClassWorks = Mapping[str, Mapping[str, ClassWork]]  # by network and class of Table 2


def paper_a_columns(works: ClassWorks) -> dict[str, Values]:
    """Return paper A's columns: the latencies of Table 1, and the networks' times that Table 2 implies."""
    return {
        "Table 1, Mac's GPU": {name: PAPER_A_SECONDS[name][0] for name in WAKE_WORD},
        "Table 1, Pi's CPU": {name: PAPER_A_SECONDS[name][1] for name in WAKE_WORD},
        "Table 2, Mac's GPU": network_ms(works, 0),
        "Table 2, Pi's CPU": network_ms(works, 1),
    }


def paper_a_ranks(study: Study, works: ClassWorks) -> Table:
    """Lay out how well everything ranks paper A's eight networks as its columns do."""
    targets = paper_a_columns(works)
    rows = tuple(
        (label, *(correlation_text(rank_correlation(only(values, WAKE_WORD), target)) for target in targets.values()))
        for label, values in study.amounts().items()
    )
    note = (
        f"Spearman's rank correlation with {LEVEL} bootstrap interval over networks, and their number. The models' "
        "numbers are those of each network left out. Table 2 implies a network's time: the mean of each class times "
        "its layers, summed over the classes that can be read."
    )
    return Table("What ranks paper A's networks as its two machines do", ("ranked by", *targets), rows, (), note)


def class_ranks(works: ClassWorks) -> Table:
    """Lay out whether a layer's work ranks the cells of Table 2: mean time of a layer of one class in one network."""
    names = [(n, c) for n, classes in TABLE_2.items() for c in classes if works[n][c].layers]
    macs = {f"{n} {c}": works[n][c].macs / works[n][c].layers for n, c in names}
    weights = {f"{n} {c}": works[n][c].weight_bytes / works[n][c].layers for n, c in names}
    rows = []
    for i, column in enumerate(("Mac's GPU", "Pi's CPU")):
        times = {f"{n} {c}": ms for n, c in names if (ms := TABLE_2[n][c].ms[i]) is not None}
        conv = {key: value for key, value in times.items() if key.endswith("Conv2d")}
        spread = max(conv.values()) / min(conv.values())
        ranks = (rank_correlation(values, chosen) for chosen in (times, conv) for values in (macs, weights))
        rows.append((column, *map(correlation_text, ranks), f"{spread:.1f}"))
    columns = ("Table 2", "all classes, MACs a layer", "all classes, weights a layer", "Conv2d, MACs a layer",
               "Conv2d, weights a layer", "slowest Conv2d over fastest")  # fmt: skip
    note = "A cell is the mean time of one layer of a class in a network; the last column compares those of Conv2d."
    return Table("Does a layer's work rank its time in Table 2?", columns, tuple(rows), columns[5:], note)


def paper_b_speedups(study: Study) -> Table:
    """Lay out the largest speed-up over the seed by every measure beside what paper B reports."""
    ratio = max(speedups({name: work.macs for name, work in study.works.items()}).values())
    rows = [(label, "", f"{best:.2f}", format_percent(fixed_share(best, ratio), 0)) for label, best in PAPER_B.items()]
    for label, values in study.amounts().items():
        found = speedups(values)
        if len(found) > 1:
            best = max(found, key=lambda name: found[name])
            rows.append((label, best, f"{found[best]:.2f}", format_percent(max(fixed_share(found[best], ratio), 0), 0)))
    note = (
        "The paper's text gives the largest speed-up of each figure and not its bars, so that their ranks cannot be "
        "judged. Fixed: the least share of the seed's time that fewer MACs cannot shorten (Amdahl's law, at "
        f"{ratio:.2f} times fewer, that of the smallest network)."
    )
    columns = ("by", "fastest", "largest speed-up over the seed", "fixed, at least")
    return Table("Paper B's Figures 5 and 6", columns, tuple(rows), columns[2:], note)
