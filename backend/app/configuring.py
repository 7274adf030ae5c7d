"""What routes ask for about the models' settings."""

from typing import Annotated

from fastapi import Depends

from app.dependencies import ResourcesDep
from app.ownership import PersonDep
from app.services.ai_trial import AiTrial
from app.services.settings_service import SettingsService


def settings_service(shared: ResourcesDep) -> SettingsService:
    """The settings. It holds no unit of work: a model may be asked in between."""
    return SettingsService(shared.database, shared.column, shared.models, clock=shared.clock)


SettingsServiceDep = Annotated[SettingsService, Depends(settings_service)]


async def ai_trial(shared: ResourcesDep, person: PersonDep) -> AiTrial:
    """Calls to both models, which may cost something: some a minute for each person, none for agents."""
    await shared.limits.trials.take(str(person.id))
    await shared.models.refresh()
    return AiTrial(
        shared.column,
        embedding=shared.embedding,
        writer=shared.writer,
        clock=shared.clock,
    )


AiTrialDep = Annotated[AiTrial, Depends(ai_trial)]
