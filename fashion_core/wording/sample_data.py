"""How results on the synthetic sample data are labelled."""

SAMPLE_DATA_WARNING = "Sample data: these figures come from synthetic images. They are not Fashion-MNIST results."
SAMPLE_DATA_BADGE = "Sample data: not Fashion-MNIST results"
SAMPLE_DATA_NOTICE = (
    "Fashion-MNIST is missing: the pictures here are synthetic. Results on them are not Fashion-MNIST results."
)
