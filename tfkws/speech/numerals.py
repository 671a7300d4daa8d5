"""English cardinals."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spelled(number: int) -> str:
    """Return a number from 0 to 9999 in words.

    Raises:
        ValueError: it is outside.

    Example:
        >>> spelled(66), spelled(1905)
        ('sixty six', 'one thousand nine hundred five')
    """
    if not 0 <= number <= 9999:
        raise ValueError(f"{number} is not from 0 to 9999")
    parts = []
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            parts += [_SMALL[number // size], name]
            number %= size
    if number >= 20:
        parts.append(_TENS[number // 10])
        number %= 10
    if number or not parts:
        parts.append(_SMALL[number])
    return " ".join(parts)
