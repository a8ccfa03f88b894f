"""The door for HTTP: everything that knows of it."""
