"""The tests of bot/wording."""
