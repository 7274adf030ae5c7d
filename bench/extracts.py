"""The textbook extracts that a summary is compared with: lead, TextRank and LexRank."""

from collections.abc import Callable, Iterable, Sequence

import networkx
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from summa.summarizer import summarize as ranked_by_summa

Extract = Callable[[Sequence[str], int], str]

LEXRANK_THRESHOLD = 0.1  # of the paper


def lead(sentences: Sequence[str], budget: int) -> str:
    """The first sentences."""
    return _filled(sentences, range(len(sentences)), budget)


def textrank(sentences: Sequence[str], budget: int) -> str:
    """TextRank (Mihalcea & Tarau, 2004) as the library summa has it, with its own sentences."""
    ranked = ranked_by_summa("\n".join(sentences), ratio=1.0, scores=True)
    order = sorted(range(len(ranked)), key=lambda at: -ranked[at][1])
    return _filled([sentence for sentence, _ in ranked], order, budget)


def lexrank(sentences: Sequence[str], budget: int) -> str:
    """LexRank (Erkan & Radev, 2004): PageRank over sentences whose TF-IDF cosine is over 0.1."""
    vectors = TfidfVectorizer(stop_words="english").fit_transform(sentences)
    links = (vectors @ vectors.T).toarray() > LEXRANK_THRESHOLD
    np.fill_diagonal(links, True)
    rank = networkx.pagerank(networkx.from_numpy_array(links.astype(float)))
    return _filled(sentences, sorted(rank, key=lambda at: -rank[at]), budget)


EXTRACTS: dict[str, Extract] = {"lead": lead, "TextRank": textrank, "LexRank": lexrank}


def _filled(sentences: Sequence[str], order: Iterable[int], budget: int) -> str:
    """As many as fit, best first, a long one that does not fit being passed over; in their order."""
    chosen: list[int] = []
    for at in order:
        length = len(sentences[at].split())
        if length <= budget:
            chosen.append(at)
            budget -= length
    return " ".join(sentences[at] for at in sorted(chosen))
