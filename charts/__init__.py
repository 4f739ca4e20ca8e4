"""Pictures of figures for a telephone: plain words and numbers in, PNG bytes out; knows nothing of stations."""
