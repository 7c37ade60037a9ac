"""What the poster reports: E. Ancilotto, "Feasibility of automating image classification of clothing items using
machine learning", Imperial College London. Precision and recall in percent, averaged over the classes."""

POSTER_PRECISION_RECALL = {"kmeans": (58, 53), "mlp": (63, 72), "cnn": (42, 55), "improved_cnn": (91, 91)}
POSTER_FAILURE_EXPLANATION = (
    "The poster's MLP and CNN never predict some classes. Trained soundly, the same networks tell all ten apart. "
    "With a ReLU on the ten output units they fail as the poster reports: a unit whose input goes negative for every "
    "image gets no gradient, and its class is gone. That is an explanation that fits the symptoms, not a proof; the "
    "poster's code is not public."
)
