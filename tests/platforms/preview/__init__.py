"""The tests of bot/platforms/preview."""
