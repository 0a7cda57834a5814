"""The tests of bot/platforms."""
