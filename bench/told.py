"""Who was told what, kept in a file, so that the same is asked again after a restore or an upgrade."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import TypeAdapter, ValidationError

from client import Account, Credentials
from recall_set import Conversation, RecallSetError


@dataclass(frozen=True, slots=True)
class Memory:
    """An account that holds a conversation; ``turns`` are those that each trace holds, by its id: one,
    or several with the same content."""

    account: Account
    conversation: Conversation
    turns: dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A memory without what is said in it; it is found again by the conversation's id."""

    conversation: str
    credentials: Credentials
    turns: dict[str, set[str]]


_FILE: TypeAdapter[list[_Kept]] = TypeAdapter(list[_Kept])


def keep(memories: Iterable[Memory], path: Path) -> None:
    """Write down who was told what. Passwords are in it, so it is for its owner alone."""
    kept = [
        _Kept(memory.conversation.id, memory.account.credentials, memory.turns)
        for memory in memories
    ]
    path.touch(mode=0o600)
    path.write_bytes(_FILE.dump_json(kept))


def told_before(
    path: Path, http: httpx.Client, conversations: Sequence[Conversation]
) -> list[Memory]:
    """The memories that were kept, signed in to again, each with all that it waited for embedded.

    Raises:
        RecallSetError: the file cannot be read, or one of the conversations is not in it.
        ServiceError: the service does not know an account any more.
    """
    try:
        kept = {each.conversation: each for each in _FILE.validate_json(path.read_bytes())}
    except (OSError, ValidationError) as error:
        raise RecallSetError(f"{path} cannot be read: {error}") from error
    untold = [each.id for each in conversations if each.id not in kept]
    if untold:
        raise RecallSetError(f"{path} knows nobody who was told {', '.join(untold)}")
    return [_entered(http, kept[each.id], each) for each in conversations]


def _entered(http: httpx.Client, kept: _Kept, conversation: Conversation) -> Memory:
    account = Account.sign_in(http, kept.credentials)
    account.wait_for_heads()
    return Memory(account, conversation, kept.turns)
