"""Text that others wrote, for programs that show it or send it on: it reads the same, and is no more than text."""

import re

LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "[": "［", "]": "］", "`": "ˋ"})


def unlinked(text: str) -> str:
    """Text in which no program finds an address to link, nor anybody to mention; it reads the same.

    A backslash would not do: some programs look for addresses in what is left once the markup is gone.
    """
    text = re.sub(r"\bwww\.", lambda found: found[0].replace(".", "․"), text, flags=re.IGNORECASE)
    return re.sub(r"\b(https?|ftps?)://", r"\1:⁄⁄", text, flags=re.IGNORECASE).replace("@", "＠")


def harmless(text: str) -> str:
    """Text as it may be sent on: what is written in a file is no markup, link or mention to mail or a chat.

    It reads the same, but no program takes it for more than text.
    """
    return unlinked(text).translate(LOOK_ALIKES)
