"""The people of the old database, and the accounts that they have here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from app.migration.lenient import is_true, uuid_of
from app.migration.source import UserRow
from app.models import AppUser
from app.services.passwords import is_verifiable
from app.settings import known_zone

NO_PASSWORD = "!"  # noqa: S105  no hash: nothing fits it until it is reset


@dataclass(slots=True)
class People:
    """``ids`` leads from an id of the old database to the account here; ``new`` are to be made.

    Several old accounts of one address become one, and an address that has an account here keeps it.
    ``to_reset`` are the addresses whose password could not come along.
    """

    ids: dict[str, UUID] = field(default_factory=dict)
    zones: dict[UUID, str] = field(default_factory=dict)
    new: list[AppUser] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    without_email: list[str] = field(default_factory=list)
    to_reset: list[str] = field(default_factory=list)


def people_of(
    rows: Sequence[UserRow],
    *,
    here: Sequence[AppUser],
    admin_emails: Sequence[str],
    timezone: str,
    now: datetime,
) -> People:
    """Whose account is whose. With nobody here and no ``ADMIN_EMAILS``, the oldest one administers,
    unless the old database says who does."""
    people = People()
    by_email = {user.email.lower(): user for user in here}
    taken = {user.id for user in here}
    admins = {email.lower() for email in admin_emails}
    for row in rows:
        email = (row.email or "").strip().lower()
        if not email:
            people.without_email.append(row.id)
            continue
        user = by_email.get(email)
        if user is None:
            user = _account(row, email, timezone=timezone, now=now)
            if user.id in taken:
                user.id = uuid_of("app_user", f"{row.id} {email}")
            user.is_admin = email in admins or (is_true(row.is_admin) and not admins)
            by_email[email] = user
            taken.add(user.id)
            people.new.append(user)
        if user.id != uuid_of("app_user", row.id):
            people.merged.append(row.id)
        if user.password_hash == NO_PASSWORD and email not in people.to_reset:
            people.to_reset.append(email)
        people.ids[row.id] = user.id
        people.zones[user.id] = user.timezone
    if people.new and not here and not admins and not any(u.is_admin for u in people.new):
        people.new[0].is_admin = True
    return people


def _account(row: UserRow, email: str, *, timezone: str, now: datetime) -> AppUser:
    password = row.password_hash or ""
    return AppUser(
        id=uuid_of("app_user", row.id),
        email=email,
        password_hash=password if is_verifiable(password) else NO_PASSWORD,
        timezone=_zone(row.timezone) or timezone,
        is_admin=False,
        created_at=(row.created_at or now).astimezone(UTC),
        token_epoch=0,
        recording_paused=False,
    )


def _zone(name: str | None) -> str | None:
    try:
        return known_zone(name) if name else None
    except ValueError:
        return None
