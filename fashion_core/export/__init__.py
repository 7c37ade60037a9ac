"""A run as a folder that works without this program: network, card, model card and an example."""
