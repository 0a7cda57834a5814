"""What those who write content need to know: which questions reach their entry, which do not, and why."""
