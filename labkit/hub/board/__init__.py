"""The instructor's board: who is where in the exercises, as far as people chose to show it.

A service that JupyterHub starts, `python -m labkit.hub.board`. Attendees' servers report to it with their own
token, and the hub says whose that is; what it knows lies in one folder and is shown to the hub's admins only.
"""
