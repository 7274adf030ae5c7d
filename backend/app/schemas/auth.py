"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr

from app.models import AppUser
from app.schemas.text import storable
from app.services.auth_service import SignedIn


def _storable(password: SecretStr) -> SecretStr:
    storable(password.get_secret_value())
    return password


Password = Annotated[SecretStr, Field(max_length=1024), AfterValidator(_storable)]


class Credentials(BaseModel):
    """What one signs in with."""

    email: EmailStr
    password: Annotated[Password, Field(min_length=1)]


class NewAccount(Credentials):
    """What one signs up with."""

    password: Annotated[Password, Field(min_length=8)]


class UserOut(BaseModel):
    """A person."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    created_at: datetime
    is_admin: bool
    timezone: str


class SignedInOut(UserOut):
    """A person and the token that stands for them; it is in the ``access_token`` cookie as well."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105  the name of a scheme

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        """From the service's answer."""
        return cls.model_validate(
            {
                **UserOut.model_validate(signed_in.user).model_dump(),
                "access_token": signed_in.access_token,
            }
        )


class CheckOut(BaseModel):
    """The session is valid."""

    authenticated: bool = True
    user: UserOut

    @classmethod
    def of(cls, user: AppUser) -> Self:
        """For a person who is signed in."""
        return cls(user=UserOut.model_validate(user))
