"""The tests of bot/desk."""
