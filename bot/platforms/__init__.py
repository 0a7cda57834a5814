"""Slack, Teams and the preview: each translates what people do there, and draws what the desk says."""
