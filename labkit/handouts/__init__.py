"""What is handed out in a workshop: the notebooks as static pages, run or not, solved or not."""

from labkit.handouts.books import VARIANTS, Variant
from labkit.handouts.export import LIMIT, Exported, Page, export_notebooks, jobs_here

__all__ = ["LIMIT", "VARIANTS", "Exported", "Page", "Variant", "export_notebooks", "jobs_here"]
