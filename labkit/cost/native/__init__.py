"""The native path: the runtime's own C functions, called from Python with as little as possible in between.

Nothing here stops a guest that runs for ever, and a mistake is a crash. So it is used where a process may die:
in the child that measures, and in tests.
"""

from labkit.cost.native.call import PHASES, Fresh, Live
from labkit.cost.native.component import Component
from labkit.cost.native.core import Core

__all__ = ["PHASES", "Component", "Core", "Fresh", "Live"]
