"""What happens when somebody asks, commands or presses: the one door into the middle.

`desk` is where deciding meets storing. `commands` holds the words that do
something, `actions` what buttons do, and `seals` tells whose button it is.
"""
