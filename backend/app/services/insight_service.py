"""What the dream noticed, and what the person says of it."""

from uuid import UUID

from app.errors import NotFoundError
from app.storage.insights import InsightStore, ToldInsight


class InsightService:
    """One person's insights within one unit of work."""

    def __init__(self, insights: InsightStore) -> None:
        self._insights = insights

    async def page(
        self, user_id: UUID, *, page: int, per_page: int
    ) -> tuple[list[ToldInsight], int]:
        """One page, newest first, and how many there are in all."""
        return await self._insights.page(user_id, page=page, per_page=per_page)

    async def judge(self, user_id: UUID, insight_id: UUID, *, helpful: bool) -> ToldInsight:
        """Say whether an insight was of use; that weighs the next ones of its kind.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
        """
        insight = await self._insights.get(user_id, insight_id)
        if insight is None:
            raise NotFoundError("There is no such insight, or it is not yours.")
        insight.helpful = helpful
        evidence = await self._insights.evidence(user_id, [insight_id])
        return ToldInsight(insight, evidence.get(insight_id, ()))
