"""Someone spoke: an Ask in, a Reply out; a straight line of read, decide, say. Answers only who spoke."""
