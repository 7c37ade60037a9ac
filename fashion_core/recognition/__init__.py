"""Predictions for your own pictures: an ensemble of networks, an out-of-distribution score, folders, saved garments."""
