"""Lets `python -m bot` be the command `optout`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
