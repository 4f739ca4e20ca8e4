"""Telegram, the first channel: updates in, confirmed only when their effect is kept; answers out."""
