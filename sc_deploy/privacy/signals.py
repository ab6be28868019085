"""What a model's answer gives away about one sample, without saturating.

All functions take logits float32 or float64 [N, C] with C >= 2 and finite values, compute in
float64, and return float64 [N] unless they say otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32, Float64, Int64


def posteriors(logits: Float32 | Float64) -> Float64:
    """Softmax float64 [N, C]."""
    return np.asarray(special.softmax(logits.astype(np.float64), axis=1))


def margins(logits: Float32 | Float64) -> Float64:
    """log(p_i / (1 - p_i)) of every class i, float64 [N, C].

    1 - p_i is never formed by subtraction: for the likeliest class it is the log-sum-exp of the
    others, for any other class p_i <= 1/2 and log1p is exact.
    """
    z = logits.astype(np.float64)
    rows = np.arange(len(z))
    top = z.argmax(axis=1)
    z -= z[rows, top][:, None]
    others = z.copy()
    others[rows, top] = -np.inf
    rest = np.asarray(special.logsumexp(others, axis=1))
    log_p = z - np.log1p(np.exp(rest))[:, None]
    log_p[rows, top] = -np.inf
    result: Float64 = z - np.log1p(np.exp(rest))[:, None] - np.log1p(-np.exp(log_p))
    result[rows, top] = -rest
    return result


def margin(logits: Float32 | Float64, labels: Int64) -> Float64:
    """phi = log(p_y / (1 - p_y)) = z_y - LSE of the others (Carlini et al., 2112.03570).

    It is a strictly decreasing map of the loss that does not run out of float64.
    """
    # Classes first: sums over a short last axis take several times as long.
    z = logits.T.astype(np.float64, order="C")
    own = labels, np.arange(len(labels))
    mine = z[own]
    z[own] = -np.inf
    top = z.max(axis=0)
    z -= top
    return np.asarray(mine - top - np.log(np.exp(z, out=z).sum(axis=0)))


def loss(logits: Float32 | Float64, labels: Int64) -> Float64:
    """Cross-entropy -log p_y (Yeom et al., 1709.01604); larger is *less* member-like."""
    return np.logaddexp(0.0, -margin(logits, labels))


def modified_entropy(logits: Float32 | Float64, labels: Int64) -> Float64:
    """-(1 - p_y) log p_y - sum_{i != y} p_i log(1 - p_i); larger is *less* member-like.

    Song & Mittal, 2003.10595, eq. 8.
    """
    return np.exp(log_modified_entropy(logits, labels))


def log_modified_entropy(logits: Float32 | Float64, labels: Int64) -> Float64:
    """Its logarithm, which tells apart answers whose modified entropy is no longer a float64.

    With phi_i = log(p_i / (1 - p_i)) and the sign of phi_y turned, every term is
    expit(phi) * softplus(phi); far below zero, softplus(phi) is exp(phi).
    """
    phi = margins(logits)
    rows = np.arange(len(labels))
    phi[rows, labels] *= -1.0
    return np.asarray(special.logsumexp(special.log_expit(phi) + _log_softplus(phi), axis=1))


def entropy(logits: Float32 | Float64) -> Float64:
    """-sum p_i log p_i; larger is *less* member-like, whatever the label."""
    return np.asarray(special.entr(posteriors(logits)).sum(axis=1))


def log_entropy(logits: Float32 | Float64) -> Float64:
    """Its logarithm, which tells apart answers whose entropy is no longer a float64.

    With phi_i = log(p_i / (1 - p_i)) every term is expit(phi) * softplus(-phi).
    """
    phi = margins(logits)
    return np.asarray(special.logsumexp(special.log_expit(phi) + _log_softplus(-phi), axis=1))


def _log_softplus(x: Float64) -> Float64:
    """log(log(1 + exp(x))); far below zero, softplus(x) is exp(x)."""
    return np.where(x < -40.0, x, np.log(np.logaddexp(0.0, np.maximum(x, -40.0))))
