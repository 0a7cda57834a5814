"""The tests of bot/storage."""
