"""Picks the real parts, wires and starts them: settings, build() and the command line."""
