import dataclasses

import torch
from torch import nn

from fashion_core.config.train_config import TrainConfig
from fashion_core.training.optimizers import Muon, build_optimizers, learning_rate_factor, orthogonalize

CONFIG = TrainConfig("cnn", 1, learning_rate=0.01)


def test_orthogonalized_singular_values_lie_near_one_and_keep_their_directions() -> None:
    matrix = torch.randn(24, 60, generator=torch.Generator().manual_seed(0))
    u, _, vh = torch.linalg.svd(matrix, full_matrices=False)
    found = orthogonalize(matrix)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.5
    assert values.max() < 1.3
    rotated = u.T @ found @ vh.T  # diagonal when the singular vectors are kept
    assert (rotated - torch.diag(rotated.diag())).abs().max() < 1e-3


def test_orthogonalizing_a_tall_matrix_is_that_of_its_transpose() -> None:
    matrix = torch.randn(60, 24, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(orthogonalize(matrix), orthogonalize(matrix.T).T)


def test_each_optimizer_lowers_a_simple_loss() -> None:
    for name in ("adam", "sgd", "muon"):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 10))
        x, y = torch.randn(40, 8), torch.arange(40) % 10
        optimizers = build_optimizers(network, dataclasses.replace(CONFIG, optimizer=name, learning_rate=0.02))
        losses = []
        for _ in range(60):
            loss = nn.functional.cross_entropy(network(x), y)
            network.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            losses.append(float(loss.detach()))
        assert losses[-1] < 0.8 * losses[0], name


def test_muon_takes_hidden_weights_only() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 10))
    muon, rest = build_optimizers(network, dataclasses.replace(CONFIG, optimizer="muon"))
    assert isinstance(muon, Muon)
    assert [tuple(p.shape) for p in muon.param_groups[0]["params"]] == [(4, 1, 3, 3)]
    assert (
        sum(len(group["params"]) for group in rest.param_groups) == 5
    )  # conv bias, two of the normalisation, linear weight and bias


def test_one_cycle_rises_over_a_tenth_then_falls_to_nothing() -> None:
    rates = [learning_rate_factor(CONFIG, step, 100) for step in range(100)]
    assert rates.index(max(rates)) == 9
    assert max(rates) == 1
    assert rates[0] < 0.2
    assert rates[-1] < 0.02
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_without_one_cycle_the_rate_is_constant() -> None:
    constant = dataclasses.replace(CONFIG, one_cycle=False)
    assert {learning_rate_factor(constant, step, 50) for step in range(50)} == {1.0}
