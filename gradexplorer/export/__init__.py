"""Files about a run; every write is atomic."""
