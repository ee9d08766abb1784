"""Products of bytes by a graph that is kept as a file."""

from __future__ import annotations

from importlib import resources

import numpy as np
import onnx
import pytest

from search.arrays.products import byte_products, graph

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("rows", "width", "codes"), [(1, 1, 1), (5_000, 91, 13), (3, 364, 192), (0, 91, 4)])
def test_products_are_exact_at_the_largest_numbers(rows: int, width: int, codes: int) -> None:
    made = np.random.default_rng(rows)
    left = made.choice(np.array([0, 3, 12, 48, 63], np.uint8), (rows, width))
    right = made.choice(np.array([-127, -1, 0, 127], np.int8), (width, codes))
    assert (byte_products(left, right) == left.astype(np.int64) @ right.astype(np.int64)).all()


def test_the_file_is_the_graph_that_is_described() -> None:
    held = (resources.files("search") / "data" / "products.onnx").read_bytes()
    assert onnx.load_from_string(held) == onnx.load_from_string(graph())
