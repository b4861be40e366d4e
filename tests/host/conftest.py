"""The engine of tests that have no other wishes, and what it may not leave behind."""

import pytest

from labkit.host import Engine


@pytest.fixture
def engine():
    with Engine() as engine:
        yield engine
        assert len(engine.tasks) == 0
        assert engine.suspended == {}
