"""The tests of bot/announcements."""
