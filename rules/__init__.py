"""What is decided: plain functions over frozen data and a given now. No Telegram, no SQL, no clock, no files."""
