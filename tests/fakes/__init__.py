"""Servers as strict as the platforms, and the bots that the tests run over them."""
