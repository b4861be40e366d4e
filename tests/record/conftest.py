"""An engine, and a recorder of what is done on it."""

import pytest

from labkit.host import Engine
from labkit.record import Recorder


@pytest.fixture
def engine():
    with Engine() as engine:
        yield engine


@pytest.fixture
def recorder(engine):
    return Recorder(engine.release.version)
