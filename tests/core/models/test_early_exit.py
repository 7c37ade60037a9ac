import numpy as np
import pytest
import torch

from fashion_core.analysis import feasibility
from fashion_core.analysis.predictions import Predictions
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import FashionMNIST
from fashion_core.errors import RunError
from fashion_core.models.base import EXIT, TorchClassifier
from fashion_core.models.early_exit import AGREEMENT, EarlyExit
from fashion_core.runs.store import RunStore
from fashion_core.training.loop import Trainer
from tests.core.datasets import ToyDataset

DATA = ToyDataset(40)
IMAGES = DATA.published_train_arrays[0]
OTHERS = DATA.published_test_arrays[0]


@pytest.fixture
def classifier() -> TorchClassifier:
    runs = RunStore()
    built = runs.load_classifier(runs.get("improved_cnn"))
    assert isinstance(built, TorchClassifier)
    return built


def whole(classifier: TorchClassifier, images: np.ndarray) -> np.ndarray:
    """Logits without an early exit."""
    bare = TorchClassifier(classifier.network, mirror=classifier.mirror, shift=classifier.shift)
    assert not bare.count_views(images)[0].any()
    return bare.logits(images)


def test_who_leaves_is_answered_by_the_exit_and_nobody_else(classifier: TorchClassifier) -> None:
    exit = classifier.exit
    assert exit is not None
    before = {name: value for name, value in classifier.state_dict().items() if not name.startswith(EXIT)}
    classifier.fit_exit(IMAGES, OTHERS)
    exit.sure.fill_(float(np.median(classifier._answers(IMAGES, lambda x: (_certainty(classifier, x),))[0])))
    left, _ = classifier.count_views(IMAGES)
    assert left.any()
    assert not left.all()
    by_exit = classifier._answers(IMAGES, lambda x: (classifier._parts[0](x)[1],))[0]
    answers = classifier.logits(IMAGES)
    np.testing.assert_allclose(answers[left], by_exit[left], atol=1e-4)
    np.testing.assert_allclose(answers[~left], whole(classifier, IMAGES)[~left], atol=1e-4)
    for name, value in before.items():  # the network stays as it is
        np.testing.assert_array_equal(classifier.state_dict()[name], value, err_msg=name)


def _certainty(classifier: TorchClassifier, x: torch.Tensor) -> torch.Tensor:
    return classifier._parts[0](x)[1].softmax(dim=1).amax(dim=1)


def test_the_exit_is_a_ridge_regression_on_the_network_s_logits() -> None:
    rng = np.random.default_rng(3)
    exit = EarlyExit((2, 4, 4))
    values = torch.from_numpy(rng.normal(size=(5000, 2, 4, 4)).astype(np.float32)) * 3 + 1
    pooled = exit.pooled(values).numpy()
    assert pooled.shape == (5000, 8)
    weight = rng.normal(size=(10, 8))
    wanted = (pooled @ weight.T + rng.normal(size=10)).astype(np.float32)
    exit.fit(pooled, wanted)
    found = exit(values).detach().numpy()
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.999


def test_as_many_leave_as_agree_with_the_whole_network() -> None:
    exit = EarlyExit((1, 2, 2))
    n = 4000
    whole = np.zeros((n, 10), np.float32)
    own = np.zeros((n, 10), np.float32)
    own[:, 0] = np.linspace(8, 0.1, n)
    whole[:, 0] = 1
    wrong = np.array([100, 1100, 2000, 2001, 2002, 2003])
    whole[wrong] = np.eye(10)[1]
    exit.choose(own, whole)
    certainty = torch.from_numpy(own).softmax(dim=1).amax(dim=1)
    leaving = (certainty > exit.sure).numpy()
    assert (whole.argmax(1) == own.argmax(1))[leaving].mean() >= AGREEMENT
    assert leaving.sum() == 2000  # two of 2,000 are just within 0.1%, three of 2,001 are not


@pytest.mark.parametrize(("agree", "share"), [(True, 1.0), (False, 0.0)])
def test_all_or_nobody_may_leave(agree: bool, share: float) -> None:
    exit = EarlyExit((1, 2, 2))
    own = np.random.default_rng(0).normal(size=(50, 10)).astype(np.float32)
    exit.choose(own, own if agree else -own)
    assert (torch.from_numpy(own).softmax(dim=1).amax(dim=1) > exit.sure).double().mean() == share


def test_who_leaves_early_does_not_send_more_garments_to_a_person(
    classifier: TorchClassifier, fashion_mnist: FashionMNIST
) -> None:
    """The exit may keep every answer and still lose what tells sure answers from unsure ones."""
    validation = fashion_mnist.split("validation")
    bare = TorchClassifier(classifier.network, mirror=classifier.mirror, shift=classifier.shift)
    shares = []
    for model in (classifier, bare):
        model.compile_for_inference()
        found = Predictions(model.predict_proba(validation.images), validation.labels)
        answers, _, _ = feasibility.calibrate_predictions(found, found)
        threshold = feasibility.choose_threshold(feasibility.risk_coverage_curve(answers), 0.99, guaranteed=False)
        assert threshold is not None
        shares.append(feasibility.operating_point(answers, threshold).coverage)
    assert classifier.count_views(validation.images)[0].mean() > 0.3
    assert shares[0] > shares[1] - 0.01


def test_weights_of_before_there_was_an_exit_are_taken_and_nobody_leaves(classifier: TorchClassifier) -> None:
    classifier.fit_exit(IMAGES, OTHERS)
    state = {name: value for name, value in classifier.state_dict().items() if not name.startswith(EXIT)}
    classifier.load_state_dict(state)
    assert classifier.exit is not None
    assert float(classifier.exit.sure) == 1
    assert not classifier.count_views(IMAGES)[0].any()


def test_half_an_exit_is_refused(classifier: TorchClassifier) -> None:
    state = classifier.state_dict()
    del state[EXIT + "sure"]
    with pytest.raises(RunError, match="exit"):
        classifier.load_state_dict(state)


def test_a_training_ends_with_an_exit_of_its_own(classifier: TorchClassifier) -> None:
    classifier.fit_exit(IMAGES, OTHERS)
    config = TrainConfig("improved_cnn", 1, batch_size=50, ghost_batches=2, start_from="other")
    trainer = Trainer(config, DATA, start=classifier.state_dict())
    assert isinstance(trainer.classifier, TorchClassifier)
    assert trainer.classifier.exit is not None
    weight = trainer.classifier.exit.classify.weight
    assert not weight.any()  # that of the run it starts from belongs to another network
    for _ in trainer.train_epochs():
        assert not weight.any()
    assert weight.any()
    chosen_on = trainer.validation.images
    left, _ = trainer.classifier.count_views(chosen_on)
    by_exit, by_all = (
        logits[left].argmax(axis=1)
        for logits in (trainer.classifier.logits(chosen_on), whole(trainer.classifier, chosen_on))
    )
    assert (by_exit == by_all).sum() >= AGREEMENT * left.sum()
