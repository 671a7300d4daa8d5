"""Names of files and words as text: of any encoding, with composed or decomposed accents.

A name on disk is bytes. Where they are UTF-8 they are text here, whatever encoding Python took for the file system;
where they are not, the name cannot stand in a manifest or a table and is told in another way.
"""

import os
import unicodedata

from tfkws.printable import printable

_BREAKING = ("Cc", "Cs", "Zl", "Zp")  # control characters, surrogates, line and paragraph ends


def text_of(name: str) -> str | None:
    """Return the name of a file, as Python lists it, as text; None where it is no UTF-8 or would break a line.

    Example:
        >>> text_of("happy"), text_of("caf" + chr(0xDCE9)), text_of("two" + chr(10) + "lines")
        ('happy', None, None)
    """
    if name.isascii() and name.isprintable():  # as almost all are, and a data folder has thousands
        return name
    try:
        text = os.fsencode(name).decode()
    except UnicodeError:
        return None
    return None if any(unicodedata.category(letter) in _BREAKING for letter in text) else text


def on_disk(text: str) -> str:
    r"""Return the name of a file as Python must be given it; the inverse of `text_of`.

    Example:
        >>> on_disk("happy/012c8314_nohash_0.wav")
        'happy/012c8314_nohash_0.wav'
    """
    return os.fsdecode(text.encode())


def shown(name: str) -> str:
    r"""Return any name of a file as it can be printed, with `\x..` for what is no text.

    Example:
        >>> print(shown("caf" + chr(0xDCE9)), shown("two" + chr(10) + "lines"))
        caf\xe9 two\nlines
    """
    return printable(os.fsencode(name).decode(errors="backslashreplace"))


def composed(text: str) -> str:
    """Return `text` with each accent and its letter as one character (Unicode's NFC), so that equal words are equal.

    Example:
        >>> decomposed = "cafe" + chr(0x301)
        >>> len(decomposed), len(composed(decomposed))
        (5, 4)
    """
    return unicodedata.normalize("NFC", text)
