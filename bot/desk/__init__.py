"""The one door into the middle: questions, commands and presses go in, posts and wishes come out."""
