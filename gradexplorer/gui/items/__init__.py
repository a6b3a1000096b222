"""Things that paint themselves on a plot, many marks at a time."""
