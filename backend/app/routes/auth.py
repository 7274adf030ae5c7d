"""Sign up, log in, log out."""

from fastapi import APIRouter, Request, Response, status

from app.dependencies import COOKIE, AuthServiceDep, ClientDep, ResourcesDep, UserDep
from app.schemas.auth import CheckOut, Credentials, NewAccount, SignedInOut, UserOut

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
        account.email, account.password.get_secret_value(), client=client
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
async def log_out(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


@router.get("/me")
async def me(user: UserDep) -> UserOut:
    """Who is signed in."""
    return UserOut.model_validate(user)


@router.get("/check")
async def check(user: UserDep) -> CheckOut:
    """Whether the session is still valid; 401 when it is not."""
    return CheckOut.of(user)


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
