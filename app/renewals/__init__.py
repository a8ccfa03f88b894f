"""The heart: what a contract says in, the days on which somebody must act out."""
