"""Whether a machine is ready for the room: what `labkit doctor` looks at, what a room needs, and a real try."""

from labkit.preflight.run import Preflight, Row, preflight

__all__ = ["Preflight", "Row", "preflight"]
