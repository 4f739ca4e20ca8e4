"""What is printed: plain words and links in, PDF pages out; knows nothing of stations."""
