"""Teams: activities in, cards out, messages through its connector, the app package, and its facts."""
