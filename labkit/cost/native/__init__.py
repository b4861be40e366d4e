"""The native path: the runtime's own C functions, called from Python with as little as possible in between.

Nothing here stops a guest that runs for ever, and a mistake is a crash. So it is used where a process may die:
in the child that measures, and in tests. It is for the release that labkit pins; nothing is imported here, so that
under other releases, some of which have no components, the rest of the cost room can be.
"""
