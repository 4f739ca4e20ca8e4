"""How chats reach us: an update becomes an Ask, a Reply becomes calls. Decides nothing."""
