"""A trace in the middle of its conversation, as the ``situation`` head embeds it."""

OWN_CHARACTERS = 600
NEIGHBOUR_CHARACTERS = 160


def situation_text(
    content: str, *, before: tuple[str | None, str | None], after: str | None
) -> str:
    """The two texts before, the text, the one after; one line each, clipped to one model window.

    A clip of what came before keeps its end, which is what was being answered; a clip of what comes
    after keeps its beginning.
    """
    earlier = [text[-NEIGHBOUR_CHARACTERS:] for text in before if text]
    later = [after[:NEIGHBOUR_CHARACTERS]] if after else []
    return "\n".join([*earlier, content[:OWN_CHARACTERS], *later])
