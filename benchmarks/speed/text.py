"""The text of the page, from its records alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.speed.commands.measure import RECORD as COMMANDS
from benchmarks.speed.commands.tables import memory_table, seconds_table
from benchmarks.speed.features.measure import RECORD as FEATURES
from benchmarks.speed.features.tables import features_table
from benchmarks.speed.searches.results import read_results
from benchmarks.speed.searches.tables import every_search, now_over_before
from benchmarks.speed.steps.figure import steps_figure
from benchmarks.speed.steps.networks import NETWORKS
from benchmarks.speed.steps.results import NetworkResult
from benchmarks.speed.steps.tables import every_peer, overview
from tfkws.run_folder import read_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS, SEARCHES, FIGURE = "steps", "searches", "steps.png"

HEAD = """# Speed

How fast this package trains, computes features, searches and starts, beside other programs and beside an earlier commit
of itself. A ratio compares times of the same round of the same run; times alone say little about another machine.

```
python -m benchmarks speed --data DATA --python torch=ENVIRONMENT/bin/python --against CHECKOUT
python -m benchmarks speed --parts searches --data DATA --against CHECKOUT     # hours; goes on where it was stopped
python -m benchmarks speed --tables                                            # this page again, from the records
```

`--python PACKAGE=PATH` names the interpreter of an environment in which a peer is installed; a peer that is not
found is listed with the line that installs it. `--against` takes another checkout of this package (`git worktree
add CHECKOUT COMMIT`). Delete a record to measure it again.
"""

METHOD = """## How it is measured

- Each peer is a process of its own that holds its compiled step and waits. In every round each takes a turn
  of about 0.3 s behind one run that is not kept; a round begins with another peer each time. A time is the
  median of a turn, a ratio is taken within a round, and what is printed is the median over rounds with its 95
  % interval (rounds drawn with replacement).
- Before and after each turn the processor time of the whole machine is read. Where other programs took more
  than 5 % of the cores, the turn is taken again, up to four times, and the quietest counts. What was measured
  decides nothing.
- All cores, no limit on threads, float32, no accelerator. The multiply rate is NumPy's product of two 2,048 x
  2,048 float32 matrices, a peer like the others; a step is counted as three times the multiply-accumulates of
  its forward passes.
- A step is one of the recipe `best` on 50 maps of 40 x 32 in memory: forward and backward pass with label
  smoothing, AdamW, and the running average of all weights; it ends when the loss is known. `tfkws` is what
  `tfkws train` calls. All peers build the network from one description, and are refused where they count
  other weights.
- Peers' loops are what their users write: `train_on_batch` for Keras, `tf.function` with a `GradientTape`,
  one `jax.jit` of the whole step, eager PyTorch and `torch.compile`; see `benchmarks/speed/steps/`.
"""


def page_text(folder: Path) -> str:
    """Return the page of the records under a folder, as Markdown."""
    return "\n".join([HEAD, *_sections(folder), METHOD])


def _sections(folder: Path) -> Iterator[str]:
    results = read_steps(folder)
    if results:
        yield "## Training steps\n"
        yield f"![Time of a step over ours, by network]({FIGURE})\n"
        yield overview(results).to_markdown()
        yield from (every_peer(result).to_markdown() for result in results)
        yield machine_line(results[0].machine)
    if (folder / FEATURES).exists():
        record = read_json(folder / FEATURES)
        yield "## Features\n"
        yield features_table(record).to_markdown()
        yield machine_line(record["machine"])
    searches = read_results(folder / SEARCHES)
    if searches:
        yield "## Searches\n"
        yield now_over_before(searches).to_markdown()
        yield every_search(searches).to_markdown()
    if (folder / COMMANDS).exists():
        record = read_json(folder / COMMANDS)
        yield "## Start-up and memory\n"
        yield seconds_table(record).to_markdown()
        yield memory_table(record).to_markdown()
        yield machine_line(record["machine"])


def machine_line(machine: dict[str, Any]) -> str:
    """Return the processor, its cores and the load before, as one sentence."""
    flags = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if flag in machine["flags"]]
    cores, load = machine["cores"], machine["load_average"]
    return f"{machine['cpu']}, {cores} cores ({', '.join(flags)}), load average {load} before.\n"


def read_steps(folder: Path) -> list[NetworkResult]:
    """Return the results of all networks that have a record, in the order of the page."""
    paths = [folder / STEPS / f"{network.name}.json" for network in NETWORKS]
    return [NetworkResult.read(read_json(path)) for path in paths if path.exists()]


def read_figure(folder: Path) -> "Figure | None":
    """Return the figure of the steps; None where there are no records of them."""
    results = read_steps(folder)
    return steps_figure(results) if results else None
