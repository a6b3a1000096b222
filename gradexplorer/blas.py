"""How many threads the linear-algebra library behind NumPy may use."""

from __future__ import annotations

from collections.abc import MutableMapping

VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Read by OpenBLAS, Intel's MKL and Apple's Accelerate when they are loaded."""
_OF_USERS = ("OMP_NUM_THREADS", "GOTO_NUM_THREADS")


def limit_threads(environment: MutableMapping[str, str]) -> None:
    """Ask for one thread in an environment, unless it says something about threads already.

    At the sizes that people watch one thread is as fast as two, leaves a core to the window, and
    sums in the same order on every machine. It has to be said before NumPy is loaded.

    Parameters
    ----------
    environment : mapping
        Changed in place. Any of `VARIABLES` that is set stays as it is. When the general
        ``OMP_NUM_THREADS`` is set, none is added: ours, being specific, would overrule it. We never
        set that one ourselves, because it also rules libraries that are not ours.
    """
    if any(environment.get(name) for name in _OF_USERS):
        return
    for name in VARIABLES:
        environment.setdefault(name, "1")
