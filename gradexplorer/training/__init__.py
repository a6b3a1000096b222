"""One run, without a window: from an experiment to snapshots."""
