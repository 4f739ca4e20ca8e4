"""What must not be lost whatever happens: `make chaos` kills the real bot again and again, and then counts."""
