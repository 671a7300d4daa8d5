"""Which trainings the accuracy table is made of, in the order in which they are run.

Edit and run again: only what is new is trained.
"""

from dataclasses import dataclass

from tfkws.data.protocols import make_task

TASKS = {"eight-words": make_task("commands"), "happy": make_task("wake-word", ("happy",))}
FRONT_END = "mfcc-40x32"


@dataclass(frozen=True)
class Training:
    """One row of the table: a network trained by a recipe on a task, `seeds` times.

    Attributes:
        clips_seen: length of the training, the same for every recipe: clips drawn, augmented and stepped on.
    """

    task: str
    model: str
    recipe: str
    clips_seen: int
    seeds: int = 5
    front_end: str = FRONT_END


def _rows(
    task: str, model: str, recipes: tuple[str, ...], clips_seen: int, seeds: int = 5, front_end: str = FRONT_END
) -> tuple[Training, ...]:
    return tuple(Training(task, model, recipe, clips_seen, seeds, front_end) for recipe in recipes)


PLAN = (
    *_rows("eight-words", "kws10", ("best",), 100_000),
    *_rows("eight-words", "kws10", ("nas-study",), 100_000, seeds=3),
    *_rows("eight-words", "bc_resnet_1", ("best",), 100_000, seeds=1),
    *_rows("eight-words", "mlperf_ds_cnn", ("best",), 100_000, seeds=1, front_end="mfcc-49x10"),
    *_rows("eight-words", "tc_resnet8", ("best",), 100_000, seeds=1, front_end="logmel-40x98"),
    *_rows("eight-words", "matchboxnet_3x1x64", ("best",), 100_000, seeds=1, front_end="logmel-40x98"),
    *_rows("eight-words", "dscnn", ("best", "best-large"), 100_000, seeds=1),
    *_rows("eight-words", "bc_resnet_1", ("best",), 400_000, seeds=1),
    *_rows("eight-words", "dscnn", ("best-large",), 400_000, seeds=1),
    *_rows("happy", "kws10", ("best", "nas-study", "wake-word-study"), 40_000),
    *_rows("eight-words", "kws10", ("nas-study-searched",), 100_000, seeds=3),
    *_rows("eight-words", "kws10", ("wake-word-study",), 100_000, seeds=1),
    *_rows("eight-words", "kws10", ("best", "nas-study-searched"), 200_000, seeds=1),
    *_rows("eight-words", "kws1", ("best",), 100_000, seeds=1),
)
