"""The host: engine, store, instance, outcomes, limits. It knows nothing of traces or notebooks."""

from labkit.host.engine import Engine, EngineSettings
from labkit.host.handles import Handle
from labkit.host.instance import Instance
from labkit.host.limits import Limits
from labkit.host.observer import Counter, Event, Observer, Seen
from labkit.host.outcome import KINDS, Cause, Frame, Kind, MemoryUse, Outcome, SourceLocation
from labkit.host.program import Program
from labkit.host.signature import Signature
from labkit.host.store import Store
from labkit.host.versions import Release
from labkit.host.wasi import Wasi

__all__ = [
    "KINDS",
    "Cause",
    "Counter",
    "Engine",
    "EngineSettings",
    "Event",
    "Frame",
    "Handle",
    "Instance",
    "Kind",
    "Limits",
    "MemoryUse",
    "Observer",
    "Outcome",
    "Program",
    "Release",
    "Seen",
    "Signature",
    "SourceLocation",
    "Store",
    "Wasi",
]
