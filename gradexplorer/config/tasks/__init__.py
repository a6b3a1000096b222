"""What is learned from: a class a task, a file a family."""
