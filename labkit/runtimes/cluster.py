"""A Dask cluster as an executor: the cells of a matrix, played by many machines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from labkit.errors import LabkitError

_PATIENCE = 5
"""Seconds to wait for a scheduler."""


@contextmanager
def dask_cluster(address: str) -> Iterator[Executor]:
    """An executor whose work is done by the workers of the Dask scheduler at `address`, such as `tcp://host:8786`.

    Every worker needs labkit in the same version. What a worker was doing when it was lost is done by another one.
    Raises `LabkitError` without the extra `dask`, and when nobody answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise LabkitError("A Dask cluster needs the extra: pip install 'labkit[dask]'.") from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]  # untyped
    except (OSError, ValueError) as error:
        raise LabkitError(f"No Dask scheduler answers at {address} ({type(error).__name__}).") from None
    with client, client.get_executor(pure=False) as executor:  # type: ignore[no-untyped-call]  # untyped
        yield executor
