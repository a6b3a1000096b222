"""A look at the user's own data before anything runs on them."""
