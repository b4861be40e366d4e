"""The workshop: exercises, their checks, and what somebody has passed."""

from labkit.workshop.catalogue import Exercise, exercises
from labkit.workshop.progress import Progress
from labkit.workshop.sharing_card import ShareProgress, share_progress
from labkit.workshop.task import Card, Task, exercise

__all__ = ["Card", "Exercise", "Progress", "ShareProgress", "Task", "exercise", "exercises", "share_progress"]
