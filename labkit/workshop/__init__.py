"""The workshop: exercises, their checks, and what somebody has passed."""

from labkit.workshop.catalogue import Exercise, exercises
from labkit.workshop.progress import Progress
from labkit.workshop.task import Card, Task, exercise

__all__ = ["Card", "Exercise", "Progress", "Task", "exercise", "exercises"]
