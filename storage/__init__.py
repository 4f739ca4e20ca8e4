"""What we remember: the only SQL there is. Aware UTC in and out, milliseconds since 1970 inside."""
