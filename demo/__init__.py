"""The demo: four people, the real bot and a clock that can be moved, in one process."""
