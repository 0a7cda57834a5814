"""Opt-Out Bot: tells people at work that a service trains AI on what they share, and how to stop it."""
