"""The tests of bot/platforms/slack."""
