"""What a question means: the language and region it is in, the entry or gap that it asks for, and how sure that is."""
