import os

import pytest

from labkit.guests import JavaScript, find_javascript


@pytest.fixture(scope="session")
def here() -> JavaScript:
    """A real Node and the real guest for it. A room may lack them, the project's own checks may not."""
    found = find_javascript()
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("only the recorded run is here: run `labkit setup --javascript`")
    pytest.skip("only the recorded run is here: run `labkit setup --javascript`")
