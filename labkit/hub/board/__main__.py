"""`python -m labkit.hub.board`: what JupyterHub starts."""

from __future__ import annotations

import asyncio
import os
import sys

from labkit.errors import LabkitError
from labkit.hub.board.service import serve

try:
    asyncio.run(serve(os.environ))
except LabkitError as error:
    sys.exit(f"labkit: {error}")
except KeyboardInterrupt:
    sys.exit(130)
