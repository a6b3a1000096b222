"""Initial weights, drawn in float64 so that both precisions start from the same numbers."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def uniform(generator: Generator, shape: tuple[int, ...], bound: float) -> Matrix:
    """Draw uniformly from ``[-bound, bound)``; PyTorch's recurrent default is 1/sqrt(H)."""
    return generator.uniform(-bound, bound, shape)


def glorot(generator: Generator, shape: tuple[int, int]) -> Matrix:
    """Draw uniformly so that (rows + columns)/2 times the variance is 1, as ``xavier_uniform_``.

    References
    ----------
    Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward
    neural networks.
    """
    return uniform(generator, shape, float(np.sqrt(6.0 / sum(shape))))


def gaussian(generator: Generator, shape: tuple[int, ...], deviation: float) -> Matrix:
    """Draw from the normal distribution of mean 0 and this standard deviation."""
    return deviation * generator.standard_normal(shape)


def orthogonal(generator: Generator, size: int) -> Matrix:
    """Draw an orthogonal (size, size) matrix from the Haar measure.

    References
    ----------
    Mezzadri (2007), How to generate random matrices from the classical compact groups.
    Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks.
    """
    q, r = np.linalg.qr(generator.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)))


def spectral(generator: Generator, size: int, radius: float) -> Matrix:
    """Draw a Gaussian (size, size) matrix and scale its spectral radius to ``radius``.

    References
    ----------
    Jaeger (2001), The "echo state" approach to analysing and training recurrent neural
    networks.
    """
    return _with_radius(generator.standard_normal((size, size)), radius)


def sparse(generator: Generator, size: int, connections: int, radius: float) -> Matrix:
    """Draw a (size, size) matrix with few Gaussian entries in each row, of this spectral radius.

    Parameters
    ----------
    generator : Generator
    size : int
    connections : int
        Non-zero entries in each row: what a unit hears of. All of them where ``size`` is less.
    radius : float
        Largest absolute eigenvalue.

    References
    ----------
    Martens & Sutskever (2011), Learning recurrent neural networks with Hessian-free
    optimization, and Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent
    neural networks: 15 connections, radius 0.95.
    """
    count = min(connections, size)
    columns = np.argsort(generator.random((size, size)), axis=1)[:, :count]
    matrix = np.zeros((size, size))
    np.put_along_axis(matrix, columns, generator.standard_normal((size, count)), axis=1)
    return _with_radius(matrix, radius)


def chrono_forget_bias(generator: Generator, size: int, t_max: int) -> Matrix:
    """Draw forget-gate biases for dependencies of 1 to ``t_max`` steps: log of U(1, t_max - 1).

    The input gate's bias is the negative of it. ``t_max`` is at least 2.

    References
    ----------
    Tallec & Ollivier (2018), Can recurrent neural networks warp time?
    """
    return np.log(generator.uniform(1.0, max(1.0, t_max - 1.0), size))


def _with_radius(matrix: Matrix, radius: float) -> Matrix:
    return np.asarray(matrix * (radius / np.abs(np.linalg.eigvals(matrix)).max()))
