"""How we say it: facts in, a Message for any channel out. Sends nothing, decides nothing."""
