"""Train our detector of "computer" on the clips of `training_clips`, and pack it, int8."""

from dataclasses import replace
from pathlib import Path

from benchmarks.detectors.training_clips import NEAR_WORDS, WORD, make_folder
from tfkws.config import AugmentConfig, ModelConfig, TrainConfig
from tfkws.config.hearing.over_air import CountingConfig, TimelineConfig
from tfkws.data.protocols import make_task
from tfkws.data.task_data import load_task
from tfkws.detect.timeline.recordings import gather
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.bundle import bundle_folder
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.over_air.compose import compose_folder
from tfkws.pipeline.over_air.labelled_audio import pair_files
from tfkws.pipeline.over_air.score import score_bundle
from tfkws.pipeline.train import evaluate_trained, run_name, run_on, train_model
from tfkws.tflite.bundle.archive import read_bundle
from tfkws.training.recipes import get_recipe

MODEL, FRONT_END = "matchboxnet_3x1x64", "logmel-40x98"
ITERATIONS = 4_000
RECIPES = ("int8",)
VALIDATION_HOURS, FALSE_ACCEPTS_PER_HOUR = 3.0, 1.1  # words are not among the hours; fewer an hour would take more
TRAINED_ON = "synthetic speech (espeak-ng) of the word and of words like it, recorded other words (Speech Commands)"


def training_recipe(iterations: int = ITERATIONS) -> TrainConfig:
    """Return the recipe "best" with more of everything that a synthesiser lacks: rooms, noise, levels, masks."""
    recipe = get_recipe("best", iterations=iterations)
    augment = AugmentConfig(
        shift_ms=100.0,
        noise_probability=0.8,
        noise_snr_db=(0.0, 30.0),
        gain_db=10.0,
        reverb_probability=0.5,
        time_mask=10,
        time_masks=1,
        frequency_mask=6,
        frequency_masks=2,
    )
    return replace(recipe, recipe="best-rooms", augment=augment)


def train(recorded: Path, work: Path, iterations: int = ITERATIONS) -> list[Path]:
    """Train once and return the bundles, with thresholds; what is there is kept, what was stopped goes on.

    Args:
        recorded: folder of Speech Commands' words, with background noises and room responses.
        work: receives clips and model folder.
    """
    task = replace(make_task("wake-word", (WORD,)), unknown_percent=900.0, silence_percent=100.0)
    clips = make_folder(recorded, work / "training_clips")
    data = load_task(clips, task)
    recipe = training_recipe(iterations)
    run = run_on(data, clips, task, get_front_end(FRONT_END), ModelConfig(MODEL), recipe)
    folder = train_model(run, data, work / "models" / run_name(run))
    evaluate_trained(folder, data)
    bundles = []
    for name in RECIPES:
        bundle = work / f"{WORD}-{name}.kws"
        if not bundle.exists():
            convert_folder(folder, name, data=data, force=True)
            bundle_folder(folder, name, out=bundle)
        if read_bundle(bundle).detector.found is None:
            find_threshold(bundle, clips, work)
        bundles.append(bundle)
    return bundles


def find_threshold(bundle: Path, clips: Path, work: Path) -> None:
    """Write into a bundle the threshold for so many false accepts an hour on voices that no training heard.

    Laid are recorded words of validation speakers and synthetic sentences and "computer" of validation voices. The
    words that sound like it are left out: they would be said a thousand times as often as people say them.
    """
    settings = TimelineConfig((WORD,), hours=VALIDATION_HOURS, split="validation", words_per_hour=60.0)
    material = gather(clips, settings)
    others = tuple(each for each in material.others if each.label not in NEAR_WORDS)
    compose_folder(replace(material, others=others), work / "validation", settings)
    counting = CountingConfig(false_accepts_per_hour=FALSE_ACCEPTS_PER_HOUR)
    score_bundle(bundle, pair_files([work / "validation"]), counting, out=work / "validation", write=True)
