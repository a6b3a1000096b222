"""The user's own numbers: a file read as columns, whatever program wrote it."""
