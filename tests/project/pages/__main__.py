"""Write the pages, and say which have changed."""

from __future__ import annotations

import sys

from tests.project.pages.pages import write

for name in write():
    sys.stdout.write(f"{name} is written anew\n")
