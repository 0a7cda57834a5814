"""What a question means: the room of deciding.

A message becomes a `Decision`: which entry it asks for, a gap in the article, small talk, several things at once or
nothing that is sure enough; in which language, and for which region and day. `deciding` is the door; under it
`sentences` cuts a message into questions, `judging` weighs what each may mean, `matching` ranks the content's
phrasings, and `reading` knows a language. All of it is plain Python over frozen values, and no sentence is put into
words here.
"""
