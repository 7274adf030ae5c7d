"""Sign up, log in, log out; one's own account and its API keys."""

from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from app.dependencies import COOKIE, AuthServiceDep, ClientDep, ResourcesDep, TokenDep, UserDep
from app.ownership import AccountServiceDep, ApiKeysDep, PersonDep
from app.schemas.auth import (
    AccountChanges,
    ApiKeyIn,
    ApiKeyOut,
    ApiKeysOut,
    CheckOut,
    Credentials,
    Farewell,
    NewAccount,
    NewApiKeyOut,
    PasswordReset,
    SignedInOut,
    UserOut,
)
from app.services.auth_service import SignedIn

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/signup", status_code=status.HTTP_201_CREATED)
@router.post("/register", status_code=status.HTTP_201_CREATED, include_in_schema=False)
async def sign_up(
    account: NewAccount,
    auth: AuthServiceDep,
    client: ClientDep,
    request: Request,
    response: Response,
    shared: ResourcesDep,
) -> SignedInOut:
    """Make an account and sign in."""
    signed_in = await auth.sign_up(
        account.email,
        account.password.get_secret_value(),
        client=client,
        timezone=account.timezone,
    )
    _set_cookie(request, response, signed_in.access_token, shared=shared)
    return SignedInOut.of(signed_in)


@router.post("/login")
async def log_in(
    credentials: Credentials,
    auth: AuthServiceDep,
    client: ClientDep,
    request: Request,
    response: Response,
    shared: ResourcesDep,
) -> SignedInOut:
    """Sign in: the token comes in the answer and in an HttpOnly cookie."""
    signed_in = await auth.log_in(
        credentials.email, credentials.password.get_secret_value(), client=client
    )
    _set_cookie(request, response, signed_in.access_token, shared=shared)
    return SignedInOut.of(signed_in)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def log_out(auth: AuthServiceDep, token: TokenDep, response: Response) -> None:
    """End this session: its token is not valid any more, and the cookie goes."""
    await auth.log_out(token)
    _take_cookie(response)


@router.get("/me")
async def me(user: UserDep) -> UserOut:
    """Who is signed in."""
    return UserOut.model_validate(user)


@router.patch("/me")
async def change_me(
    person: PersonDep,
    changes: AccountChanges,
    accounts: AccountServiceDep,
    request: Request,
    response: Response,
    shared: ResourcesDep,
) -> SignedInOut | UserOut:
    """Change your time zone or password, or pause what is remembered. A new password ends every other
    session; this one goes on with the token of the answer."""
    changed = await accounts.change(person.id, changes.to_changes())
    if not isinstance(changed, SignedIn):
        return UserOut.model_validate(changed)
    _set_cookie(request, response, changed.access_token, shared=shared)
    return SignedInOut.of(changed)


@router.delete("/me", status_code=status.HTTP_204_NO_CONTENT)
async def erase_me(
    person: PersonDep, farewell: Farewell, accounts: AccountServiceDep, response: Response
) -> None:
    """Delete your account and everything in it. Export first what you want to keep."""
    await accounts.erase(person.id, farewell.password.get_secret_value())
    _take_cookie(response)


@router.get("/check")
async def check(user: UserDep) -> CheckOut:
    """Whether the session is still valid; 401 when it is not."""
    return CheckOut.of(user)


@router.post("/password-reset", status_code=status.HTTP_204_NO_CONTENT)
async def reset_password(
    admin: PersonDep, reset: PasswordReset, accounts: AccountServiceDep
) -> None:
    """Give somebody a new password, which ends all their sessions. Administrators only."""
    await accounts.reset_password(admin, reset.email, reset.password.get_secret_value())


@router.get("/keys")
async def keys(person: PersonDep, api_keys: ApiKeysDep) -> ApiKeysOut:
    """Your API keys, without the keys themselves."""
    return ApiKeysOut(keys=[ApiKeyOut.of(key) for key in await api_keys.all(person.id)])


@router.post("/keys", status_code=status.HTTP_201_CREATED)
async def make_key(person: PersonDep, wanted: ApiKeyIn, api_keys: ApiKeysDep) -> NewApiKeyOut:
    """Make an API key for an agent. It is told this once, and works until it is deleted."""
    return NewApiKeyOut.of_new(
        await api_keys.make(person.id, name=wanted.name, scopes=wanted.scopes)
    )


@router.delete("/keys/{key_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_key(person: PersonDep, key_id: UUID, api_keys: ApiKeysDep) -> None:
    """From now on this key opens nothing."""
    await api_keys.remove(person.id, key_id)


def _set_cookie(request: Request, response: Response, token: str, *, shared: ResourcesDep) -> None:
    """Behind TLS the cookie never travels without it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(shared.settings.access_token_ttl_seconds.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _take_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
