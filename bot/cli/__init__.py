"""What can be done from a terminal: the room of commands.

`main` is the command `optout`, `announcements` those of its commands that announce, `announcing` what these do,
`terminal` a conversation with the bot without any platform.
"""
