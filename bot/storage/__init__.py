"""What survives a restart: the room of the database.

`database` opens SQLite or PostgreSQL, brings its tables up to date and is the one door to it; `tables` names them
all; `ledger` holds what is kept of people, posts and addresses. Copies of announcements are kept by
`bot.announcements`.
"""
