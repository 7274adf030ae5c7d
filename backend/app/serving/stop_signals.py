"""One way to end, whichever signal asks for it and whatever is being done."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class StopSignals:
    """Ctrl-C, ``kill`` and a closed terminal: the first ends the block, later ones do nothing.

    It does so by a ``KeyboardInterrupt``, or by calling what ``handed_to`` was given.
    """

    def __init__(self) -> None:
        self.seen = False
        self._react: Callable[[], object] = self.interrupt

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signals in the block and ignore them afterwards: only the end is left.

        Python gives handlers up before it has ended, and a model takes seconds to be let go of.
        """
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup sets it
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, self._handle)
        with suppress(KeyboardInterrupt):
            yield
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def handed_to(self, react: Callable[[], object]) -> Iterator[None]:
        """Call ``react`` instead of raising; it runs in the main thread, between any two steps."""
        if self.seen:  # and the exception was lost, as in a destructor
            self.interrupt()
        self._react = react
        try:
            yield
        finally:
            self._react = self.interrupt

    def interrupt(self) -> None:
        """End what is being done."""
        raise KeyboardInterrupt

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if not self.seen:
            self.seen = True
            self._react()
