"""The command line, one module a verb; each has ``add`` (its arguments) and ``run`` (what it does)."""
