"""The report that can be handed over: one HTML file that needs no network."""
