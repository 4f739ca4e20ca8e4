"""Spreadsheet bytes in, rows of cells out. Knows nothing of stations."""
