"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    SecretStr,
    model_validator,
)

from app.models import ApiKey, AppUser
from app.schemas.text import Label, storable
from app.services.account_service import Changes
from app.services.api_keys import NewKey, Scope
from app.services.auth_service import SignedIn
from app.settings import known_zone


def _storable(password: SecretStr) -> SecretStr:
    storable(password.get_secret_value())
    return password


def _told(password: SecretStr | None) -> str | None:
    return None if password is None else password.get_secret_value()


Password = Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(_storable)]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=1024), AfterValidator(_storable)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(known_zone)]


class Credentials(BaseModel):
    """What one signs in with."""

    email: EmailStr
    password: Password


class NewAccount(BaseModel):
    """What one signs up with."""

    email: EmailStr
    password: NewPassword
    timezone: Zone | None = Field(None, description="An IANA name; the server's when left out.")


class PasswordReset(BaseModel):
    """A new password for somebody, from an administrator."""

    model_config = ConfigDict(extra="forbid")

    email: EmailStr
    password: NewPassword


class AccountChanges(BaseModel):
    """What is to become different; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    timezone: Zone | None = Field(None, description="An IANA name, such as Europe/Lisbon")
    recording_paused: bool | None = Field(None, description="Whether to remember nothing new.")
    password: NewPassword | None = None
    current_password: Password | None = None

    @model_validator(mode="after")
    def _a_new_password_needs_the_old_one(self) -> Self:
        if self.password is not None and self.current_password is None:
            raise ValueError("a new password needs current_password")
        return self

    def to_changes(self) -> Changes:
        """As the service takes it."""
        return Changes(
            timezone=self.timezone,
            recording_paused=self.recording_paused,
            password=_told(self.password),
            current_password=_told(self.current_password),
        )


class Farewell(BaseModel):
    """Your password, to be sure."""

    model_config = ConfigDict(extra="forbid")

    password: Password


class UserOut(BaseModel):
    """A person."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    created_at: datetime
    is_admin: bool
    timezone: str
    recording_paused: bool


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


class ApiKeyIn(BaseModel):
    """A key to be made: what it is for, and what it may do."""

    model_config = ConfigDict(extra="forbid")

    name: Label
    scopes: Annotated[set[Scope], Field(min_length=1)] = {"read", "write"}


class ApiKeyOut(BaseModel):
    """A key, without the key itself. ``last_used_at`` is exact to a minute."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """From its row."""
        return cls.model_validate(key)


class ApiKeysOut(BaseModel):
    """Every key, oldest first."""

    keys: list[ApiKeyOut]


class NewApiKeyOut(ApiKeyOut):
    """A new key. ``key`` is told this once: send it as ``Authorization: Bearer``."""

    key: str

    @classmethod
    def of_new(cls, new: NewKey) -> Self:
        """From the service's answer."""
        return cls(**ApiKeyOut.of(new.row).model_dump(), key=new.key)
