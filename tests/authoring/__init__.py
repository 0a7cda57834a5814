"""The tests of bot/authoring."""
