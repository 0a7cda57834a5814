"""The tests of bot/answering."""
