"""What the working memory brings into the pool: the nearest, as many as are asked for, within bounds."""

from uuid import UUID

import numpy as np
import pytest

from app.recall.stage1_recency import FEWEST, MOST, compare
from app.storage.working_memory import Recent

ANGLES = np.linspace(0, 1, MOST + 20)
RECENT = Recent(
    generation=0,
    ids=tuple(str(UUID(int=n)).encode() for n in range(len(ANGLES))),
    vectors=np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32),
)


@pytest.mark.parametrize(("k", "found"), [(1, FEWEST), (FEWEST + 7, FEWEST + 7), (1_000, MOST)])
def test_the_nearest_come_as_many_as_are_asked_for_within_bounds(k: int, found: int) -> None:
    nearest = compare(RECENT, np.array([1, 0], np.float32), k=k)
    assert set(nearest) == {UUID(int=n) for n in range(found)}
