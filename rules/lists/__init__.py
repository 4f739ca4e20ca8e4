"""An office's list becomes stations: its columns, its rows, and what an import would change."""
