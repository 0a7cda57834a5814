"""The tests of bot/cli."""
