"""Vectors as points in two dimensions."""

from __future__ import annotations

from typing import Any

from .._extras import require


def project(vectors: Any) -> list[tuple[float, float]]:
    """Return a point for each row of a matrix, by principal component analysis.

    The points keep as much of the distances between the vectors as two dimensions can. The same vectors have the same
    points.

    Raises:
        ImportError: numpy is not installed.
    """
    np = require("numpy", "twelvelabs_async[data]")
    matrix = np.nan_to_num(np.asarray(vectors, dtype=np.float64), posinf=0, neginf=0)
    if 0 in matrix.shape:
        return [(0.0, 0.0)] * len(matrix)
    centered = matrix - matrix.mean(axis=0)
    # Of the covariance, because there are more vectors than dimensions. Eigenvalues are in ascending order.
    axes = np.linalg.eigh(centered.T @ centered)[1][:, ::-1][:, :2]
    axes *= np.where(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])] < 0, -1, 1)  # eigenvectors have no sign
    points = np.zeros((len(matrix), 2))
    points[:, : axes.shape[1]] = centered @ axes
    return [(x, y) for x, y in points.tolist()]
