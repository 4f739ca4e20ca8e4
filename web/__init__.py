"""Somebody opened a page: a watchdog, a scraper of figures, a phone that scanned a code on a wall.

Pages read the database and never the channels: the doors meet there.
"""
