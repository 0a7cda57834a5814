"""The command `optout`."""
