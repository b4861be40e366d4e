"""The workshop: exercises, their checks, and what somebody has passed."""

from labkit.workshop.card import Card
from labkit.workshop.catalogue import Exercise, exercises
from labkit.workshop.progress import Progress
from labkit.workshop.sharing_card import ShareProgress, share_progress
from labkit.workshop.standings import Overview, Standing, overview
from labkit.workshop.task import PredictionTask, Task, exercise

__all__ = [
    "Card",
    "Exercise",
    "Overview",
    "PredictionTask",
    "Progress",
    "ShareProgress",
    "Standing",
    "Task",
    "exercise",
    "exercises",
    "overview",
    "share_progress",
]
