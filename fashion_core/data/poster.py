"""What the poster reports: E. Ancilotto, "Feasibility of automating image classification of clothing items using
machine learning", Imperial College London. Precision and recall in percent, averaged over the classes."""

POSTER_PRECISION_RECALL_PERCENT = {"kmeans": (58, 53), "mlp": (63, 72), "cnn": (42, 55), "improved_cnn": (91, 91)}
