"""How Slack, Teams and the preview speak to the middle: the room of translators.

Each has a folder that translates what people do there and draws what is said, with its own facts; none imports
another. What all of them do is written once beside them: `exchange` answers what was heard, once; `calls` knows when
to try again; `server` listens; `known` lists them.
"""
