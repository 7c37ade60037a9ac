"""What the poster's failed networks may have in common."""

POSTER_FAILURE_EXPLANATION = (
    "The poster's MLP and CNN never predict some classes. Trained without a fault, the same networks predict all ten. "
    "With a ReLU on the ten outputs they fail as the poster reports: an output whose input is negative for every image "
    "gets no gradient, and its class is lost. This explanation fits the symptoms, but is not a proof: "
    "the poster's code is not public."
)
