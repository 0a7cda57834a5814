"""Whether the content is good enough, and where it is not: the room of those who write it.

For those who write: `evaluation` asks a file of questions and counts, `reach` finds entries that their questions do
not reach, `neighbours` those that lie close together, `damage` what becomes of careless writing.
"""
