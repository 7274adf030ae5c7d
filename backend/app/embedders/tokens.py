"""How many tokens a text has."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Letters are taken three at a time, anything else one by one, other scripts by their UTF-8 bytes.
_ESTIMATED = re.compile(r"[A-Za-z]{1,3}|[^A-Za-z\s]")
# A WordPiece model takes a longer run of letters and figures for one unknown token.
_ENDLESS_WORD = re.compile(r"[^\W_]{101,}")


class TokenCounter(Protocol):
    """Counts the tokens of texts, without the special ones that a model puts around its input.

    Attributes:
        name: what it counts with, for the answer.
    """

    name: str

    def count(self, texts: Sequence[str]) -> list[int]:
        """One number a text. May be called from any thread."""
        ...


class EstimatedTokens:
    """For a model whose tokenizer is not here. It errs on the side of too many: English has about
    1.3 tokens a word, and gets about 2."""

    name = "estimate"

    def count(self, texts: Sequence[str]) -> list[int]:
        """See ``TokenCounter.count``."""
        return [_estimate(text) for text in texts]


class ModelTokens:
    """A model's own tokenizer."""

    def __init__(self, model: str, tokenizer: "Tokenizer") -> None:
        """``tokenizer`` is a copy that nobody else changes the settings of."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.name = model
        self._tokenizer = tokenizer

    def count(self, texts: Sequence[str]) -> list[int]:
        """See ``TokenCounter.count``."""
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [
            len(encoding.ids) + sum(map(_estimate, _ENDLESS_WORD.findall(text)))
            for encoding, text in zip(encoded, texts, strict=True)
        ]


def _estimate(text: str) -> int:
    return sum(
        1 if part[0].isascii() else len(part.encode("utf-8", "replace"))
        for part in _ESTIMATED.findall(text)
    )
