"""Which models the service uses: seen by everybody, changed by administrators."""

from fastapi import APIRouter

from app.configuring import AiTrialDep, SettingsServiceDep
from app.dependencies import UserDep
from app.dreaming import AdminDep
from app.schemas.settings_ai import AiSettingsIn, AiSettingsOut, TrialsOut

router = APIRouter(prefix="/settings", tags=["settings"])


@router.get("/ai")
async def ai(_user: UserDep, service: SettingsServiceDep) -> AiSettingsOut:
    """The models and where they are. Keys are never told."""
    return AiSettingsOut.of(await service.ai())


@router.put("/ai")
async def change_ai(
    _admin: AdminDep, wanted: AiSettingsIn, service: SettingsServiceDep
) -> AiSettingsOut:
    """Use other models from now on, in every replica within seconds and after a restart as well."""
    return AiSettingsOut.of(
        await service.change_ai(
            wanted.to_changes(), model=wanted.embedding_model, dimension=wanted.embedding_dimension
        )
    )


@router.post("/ai/test")
async def test_ai(trial: AiTrialDep) -> TrialsOut:
    """Call both models as the service does. What is wrong is in `message`."""
    return TrialsOut.of(await trial.llm(), await trial.embedding())
