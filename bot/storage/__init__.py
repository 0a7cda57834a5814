"""What survives a restart: the database, and what is kept there of people and of posts."""
