"""Processes that we start and always stop, and those that an earlier, killed run left behind."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import psutil  # type: ignore[import-untyped]  # ships no types
import structlog

from app.embedded.account import Account

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LARGEST_LOG = 10_000_000
HANDED_DOWN = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")  # never the secrets in our environment
log_event = structlog.get_logger()

Ending = Sequence[tuple[signal.Signals, float]]
"""What to send, and for how many seconds to wait for it to help, in turn. SIGKILL comes last."""


@contextmanager
def child_process(
    command: Sequence[str | Path], log: Path, *, ending: Ending, account: Account
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` as ``account`` for as long as the block does, its output going to ``log``.

    It is in a session of its own, so that Ctrl-C in the terminal reaches us alone and we decide
    when it stops.
    """
    other = account if account.uid != os.geteuid() else None
    process = None
    try:
        with uninterrupted(), _appending(log) as output:
            process = subprocess.Popen(  # noqa: S603  the servers that we ship with
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env={name: os.environ[name] for name in HANDED_DOWN if name in os.environ},
                start_new_session=True,
                umask=0o077,
                user=other.uid if other else None,
                group=other.gid if other else None,
                extra_groups=[] if other else None,
            )
        yield process
    finally:
        if process is not None:
            with uninterrupted():
                _end(process.send_signal, ending, has_ended=_wait_for_child(process))


def end_leftovers(name: str, mark: str, *, ending: Ending) -> None:
    """Stop what a killed run left: every process called ``name`` with ``mark`` on its command line.

    Only for who holds the lock of the data folder that ``mark`` stands for.
    """
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == name and mark in " ".join(process.info["cmdline"] or ()):
            log_event.warning("leftover_stopped", process=name, pid=process.pid)
            with uninterrupted():
                _end(process.send_signal, ending, has_ended=_wait_for_stranger(process))


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and the like back while the block runs, then deliver the first of them.

    An exception out of a signal handler between the start of a process and the moment somebody is
    responsible for it would leave that process behind; so would one in the middle of stopping it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        held.append(number)

    before = {number: signal.signal(number, hold) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if held:
            signal.raise_signal(held[0])


def ended_soon(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has ended, or does within the next moment."""
    try:
        process.wait(0.02)
    except subprocess.TimeoutExpired:
        return False
    return True


def last_words(log: Path, since: int = 0) -> str:
    """The line of ``log`` after byte ``since`` that says why its process ended."""
    with log.open("rb") as file:
        file.seek(since)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return (fatal or lines or ["it said nothing"])[-1].strip()


def _end(
    send_signal: Callable[[int], None], ending: Ending, *, has_ended: Callable[[float], bool]
) -> None:
    for number, patience in (*ending, (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            send_signal(number)
        if has_ended(patience):
            return


def _wait_for_child(process: subprocess.Popen[bytes]) -> Callable[[float], bool]:
    def has_ended(patience: float) -> bool:
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            return False
        return True

    return has_ended


def _wait_for_stranger(process: psutil.Process) -> Callable[[float], bool]:
    """A zombie counts as ended: where nobody reaps, a process that is not our child stays one."""

    def is_over() -> bool:
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def has_ended(patience: float) -> bool:
        deadline = time.monotonic() + patience
        while not is_over():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return has_ended


def _appending(log: Path) -> BinaryIO:
    """The log, readable for us only, begun anew when it has grown large."""
    begin_anew = log.exists() and log.stat().st_size > LARGEST_LOG
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if begin_anew else os.O_APPEND)
    return os.fdopen(os.open(log, flags, 0o600), "wb")
