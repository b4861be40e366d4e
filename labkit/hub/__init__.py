"""A hub for a room: many people in the lab at once, each with a server of their own."""
