"""The tests of bot/platforms/teams."""
