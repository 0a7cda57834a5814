"""Slack: what people do there, over HTTP or Socket Mode, how messages look there, and its facts."""
