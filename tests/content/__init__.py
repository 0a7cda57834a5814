"""The tests of bot/content."""
