"""How present a memory is: ACT-R's base-level activation."""

import numpy as np
from numpy.typing import NDArray

DECAY = 0.5
SALIENCE_SLOWS_DECAY_BY = 0.4
HALF_LIKELY_AT = -3.0
NOISE = 1.5

Floats = NDArray[np.float64]


def activation(*, age_hours: Floats, idle_hours: Floats, uses: Floats, salience: Floats) -> Floats:
    """The chance, 0 to 1, that a memory is at hand.

    Base level with the latest use exact and the others spread evenly over the memory's life (Petrov,
    2006, k = 1): ``ln(idle^-d + (uses-1) (age^(1-d) - idle^(1-d)) / ((1-d) (age - idle)))``, then
    ACT-R's logistic retrieval probability. ``uses`` counts the making of the memory, so it is at
    least 1; salience slows the decay ``d``. Arrays of one shape; times in hours.
    """
    decay = DECAY * (1 - SALIENCE_SLOWS_DECAY_BY * salience)
    idle = np.maximum(idle_hours, 1 / 60)
    age = np.maximum(age_hours, idle + 1 / 60)
    latest = idle**-decay
    earlier = (uses - 1) * (age ** (1 - decay) - idle ** (1 - decay)) / ((1 - decay) * (age - idle))
    base_level = np.log(latest + earlier)
    likelihood: Floats = 1 / (1 + np.exp(-(base_level - HALF_LIKELY_AT) / NOISE))
    return likelihood
