"""Views of tasks on text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.views.view import View


@dataclass(frozen=True, eq=False)
class GeneratedText(View):
    """What a network writes, and how strongly earlier characters reach later losses.

    Attributes
    ----------
    source : str
        Which text it learns from, and how that was read.
    prompt, text : str
        What it was given, and how it went on.
    temperature : float
    excerpt : str
        S + 1 characters, all but the first held out.
    losses : ndarray, shape (S,)
        Of each held-out one, in nats.
    reach : ndarray, shape (S, S)
        ||dL_s/dx_k|| of the loss L_s at character s + 1 by the input x_k, character k.
    """

    source: str
    prompt: str
    text: str
    temperature: float
    excerpt: str
    losses: NDArray[np.floating]
    reach: NDArray[np.floating]
