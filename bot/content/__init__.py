"""What may be said: topics, announcements, phrases and places, as people write them in YAML.

Open this room to change what a content file may hold or where it lies: `layout` tells what each file is, `models`,
`phrases` and `hearing` what stands in it, `files` and `words` read it, `mistakes` and `checks` name what is wrong with
it, `loading` lays the folders over each other, and `topics` holds what comes of it for all other rooms.
"""
