"""Sara Memory: remember, recall, dream, forget."""

import os

# Read when numpy is imported. For matrices as small as ours, waking its helpers costs more than they
# compute, and they spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
