"""From prepared pictures to answers: several networks and views asked together, and a word when it is no garment."""
