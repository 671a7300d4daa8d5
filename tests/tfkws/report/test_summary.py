"""The page says first which network is best, by validation, and what to type next."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tfkws.report.collect import ModelResults, Results
from tfkws.report.summary import best_model, next_steps, summary_section


def scored(name: str, validation: float, testing: float, words: tuple[str, ...] = ("yes",)) -> ModelResults:
    def scores(split: str, accuracy: float) -> dict[str, Any]:
        return {
            "form": "keras", "split": split, "accuracy": accuracy, "accuracy_interval": [accuracy - 0.1, accuracy],
            "majority_baseline": 0.5, "protocol": "wake-word", "words": words,
        }  # fmt: skip

    evaluations = {split: scores(split, value) for split, value in (("validation", validation), ("testing", testing))}
    config = {"model": {"name": "kws10", "variant": {}}}
    return ModelResults(Path(name), config, None, {"macs": 1000, "params": 200}, [], evaluations)


def sentences(*models: ModelResults) -> list[str]:
    (section,) = summary_section(Results(models, ()))
    return [str(part) for part in section.parts]


def test_the_choice_is_made_on_validation() -> None:
    first, second = scored("a", 0.8, 0.9), scored("b", 0.85, 0.7)
    assert best_model([first, second]) is best_model([second, first]) is second
    sentence = sentences(first, second)[0]
    assert sentence.startswith("Of 2 networks for this task, kws10 (b) has the highest validation accuracy: 85.0 %")
    assert "the next 80.0 %" in sentence
    assert "no part in the choice: 70.0 %" in sentence and "1 k MACs and 200 parameters" in sentence


def test_another_task_is_no_rival() -> None:
    best = best_model([scored("a", 0.99, 0.9, ("no",)), scored("b", 0.6, 0.6)])
    assert best is not None and best.folder == Path("b")
    assert sentences(scored("b", 0.6, 0.6))[0].startswith("kws10 (b) is the only network here")


def test_nothing_scored_is_no_summary() -> None:
    bare = replace(scored("a", 0.8, 0.9), evaluations={})
    assert best_model([bare]) is None
    assert not list(summary_section(Results((bare,), ())))


def test_the_next_lines_bring_what_is_missing(tmp_path: Path) -> None:
    model = replace(scored("a", 0.8, 0.9), folder=tmp_path)
    assert list(next_steps(model)) == [f"tfkws convert {tmp_path} --quantize int8"]
    converted = replace(model, recipes={"int8": {}})
    assert [line.split()[1] for line in next_steps(converted)] == ["bundle", "benchmark", "profile"]
    (tmp_path / "a.kws").touch()
    done = replace(converted, benchmarks={"int8": {}}, profiles={"int8": {}})
    assert not list(next_steps(done))
