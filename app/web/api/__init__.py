"""The API, version 1: its routes with what goes in and comes out."""
