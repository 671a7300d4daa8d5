r"""Text from files and devices on a terminal: whatever could move its cursor, colour it or reorder it is escaped.

Names of labels, files and layers come from strangers. `tfkws.cli.terminal.output` prints everything, and nothing there
is read as markup.
"""

import unicodedata

JOINERS = "\u200c\u200d"  # Persian words and many others are spelt with them
_HARMFUL = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, marks of direction, halves of pairs, line and paragraph ends


def printable(text: str, keep: str = "") -> str:
    r"""Return `text` with control codes and marks of direction written out.

    Args:
        keep: control codes that stay, such as line feeds between sentences of one's own.

    Example:
        >>> printable("yes\x1b[2J")
        'yes\\x1b[2J'
        >>> printable("café [unk]")
        'café [unk]'
    """
    if text.isprintable():
        return text
    return "".join(one if one in keep else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    harmful = one not in JOINERS and unicodedata.category(one) in _HARMFUL
    return one.encode("unicode_escape").decode("ascii") if harmful else one


def printable_json(text: str) -> str:
    r"""Return JSON with whatever `printable` would escape as JSON's own escapes, so that it stays the same value.

    Example:
        >>> printable_json('"\x9b2J"')
        '"\\u009b2J"'
    """
    if text.isprintable():
        return text
    return "".join(one if one == "\n" else _json_escaped(one) for one in text)


def _json_escaped(one: str) -> str:
    if _escaped(one) == one:
        return one
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
