"""What may be said: topics, announcements, phrases and places, read from YAML, laid over each other and checked."""
