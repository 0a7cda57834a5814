"""What the bot says for a decision: the room of messages.

`replies` puts every message together from the content and the bot's own phrases, `pages` makes the web pages that every
app needs, and `plain_text` draws a message where there is no platform.
"""
