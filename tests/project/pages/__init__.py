"""Documentation that is written from the code: `python -m tests.project.pages` writes it, a test compares it."""
