"""Characters that can't be seen: they could make a text look like another one."""

from __future__ import annotations

import unicodedata

# control, format (text direction, too), surrogate and private-use characters, line and paragraph ends
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS = "\u200c\u200d"  # Persian and Indic names need them
LINES = "\n\t"


def is_visible(text: str) -> bool:
    """Tell whether a text is one line without characters that can't be seen."""
    return all(character in JOINERS or unicodedata.category(character) not in INVISIBLE for character in text)
