"""What others report of networks on Fashion-MNIST. Read their figures with how they were measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedNetwork:
    """A network of others. ``accuracy``: in percent, on test; ``images``: whether the data set's duplicates had been
    replaced; ``epoch``: which epoch counts; "" where that is unknown."""

    name: str
    source: str
    url: str
    parameters: str
    accuracy: str
    images: str
    epoch: str


PUBLISHED_NETWORKS = (
    PublishedNetwork(
        "custom CNN with random erasing",
        "Dezhic",
        "https://github.com/zalandoresearch/fashion-mnist/issues/93",
        "295,968",
        "94.7",
        "today's",
        "not stated",
    ),
    PublishedNetwork(
        "DenseNet-BC",
        "Brock",
        "https://github.com/zalandoresearch/fashion-mnist/issues/10",
        "768,000",
        "95.4",
        "with duplicates",
        "not stated",
    ),
    PublishedNetwork(
        "ResNet-20 with random erasing",
        "Zhong et al.",
        "https://github.com/zhunzhong07/Random-Erasing",
        "",
        "95.98 ± 0.07",
        "with duplicates",
        "best on test",
    ),
    PublishedNetwork(
        "the same",
        "run again",
        "https://github.com/zhunzhong07/Random-Erasing/issues/10",
        "",
        "95.55 ± 0.04",
        "today's",
        "best on test",
    ),
    PublishedNetwork(
        "WRN-28-10 with random erasing",
        "Zhong et al.",
        "https://github.com/zhunzhong07/Random-Erasing",
        "36 million",
        "96.35",
        "with duplicates",
        "best on test",
    ),
    PublishedNetwork(
        "the same",
        "run again",
        "https://github.com/zhunzhong07/Random-Erasing/issues/9",
        "36 million",
        "about 95.8",
        "today's",
        "best on test",
    ),
)
