"""Picks the real parts, wires and starts them: settings, build() and the command line."""

import gc

# What a start reads in stays. At Python's own 700 the collector looks through it so often that it takes a quarter of
# the time; it still comes by, only later.
gc.set_threshold(20_000)
