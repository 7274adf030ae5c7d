"""Sketches: the same everywhere, and near where the vectors are near."""

import numpy as np
import pytest

from app.embedders.protocol import fit
from app.storage.sketches import SKETCH_BITS, hyperplanes, sketches


def bits(vectors: np.ndarray) -> np.ndarray:
    return np.array([[int(bit) for bit in found.to_text()] for found in sketches(vectors)])


def test_a_sketch_never_changes_from_one_machine_to_the_next() -> None:
    """A stored sketch is compared with one that another process makes."""
    one = np.zeros((1, 768), np.float32)
    one[0, 3] = 1
    assert bits(one)[0, :24].tolist() == [int(bit) for bit in "100100111110111111111101"]


@pytest.mark.parametrize("dim", [64, 768, 1536])
def test_hyperplanes_are_orthogonal(dim: int) -> None:
    normals = hyperplanes(dim).astype(np.float64)
    assert normals.shape == (dim, SKETCH_BITS)
    if dim <= SKETCH_BITS:
        assert np.allclose(normals @ normals.T, np.eye(dim), atol=1e-5)


def test_bits_differ_as_the_angle_says() -> None:
    rng = np.random.default_rng(1)
    vectors = fit(rng.standard_normal((200, 384)), 768)
    vectors[1:] = fit(vectors[0] + 1.5 * vectors[1:], 768)
    found = bits(vectors)
    differing = (found[0] != found[1:]).mean(axis=1)
    angles = np.arccos(np.clip(vectors[1:] @ vectors[0], -1, 1)) / np.pi
    assert np.abs(differing - angles).max() < 0.06


def test_nearly_all_of_the_nearest_are_among_four_times_as_many_sketches() -> None:
    rng = np.random.default_rng(2)
    topics = rng.standard_normal((40, 384))
    vectors = fit(
        topics[rng.integers(40, size=4_000)] + 1.3 * rng.standard_normal((4_000, 384)), 768
    )
    packed = bits(vectors)
    shares = []
    for question in range(20):
        true = np.argsort(-(vectors @ vectors[question]))[:50]
        near = np.argsort((packed != packed[question]).sum(axis=1), kind="stable")[:200]
        shares.append(len(np.intersect1d(true, near)) / 50)
    assert np.mean(shares) >= 0.99
