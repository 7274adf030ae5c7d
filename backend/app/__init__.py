"""Sara Memory: remember, recall, dream, forget."""

__version__ = "0.1.0"
