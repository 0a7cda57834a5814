"""Messages to everyone: what announcers ask for, where each copy is, how it gets there, and what is told about it."""
