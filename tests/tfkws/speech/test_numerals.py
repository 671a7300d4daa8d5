"""Numbers in words."""

import pytest

from tfkws.speech.numerals import spelled


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (7, "seven"),
        (13, "thirteen"),
        (20, "twenty"),
        (42, "forty two"),
        (100, "one hundred"),
        (110, "one hundred ten"),
        (2000, "two thousand"),
        (9999, "nine thousand nine hundred ninety nine"),
    ],
)
def test_a_number_is_spelled(number: int, words: str) -> None:
    assert spelled(number) == words


@pytest.mark.parametrize("number", [-1, 10_000])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not from 0 to 9999"):
        spelled(number)


def test_no_two_numbers_are_spelled_alike() -> None:
    assert len({spelled(number) for number in range(10_000)}) == 10_000
