"""Whose emissions arrive with the power: consumption-based carbon intensity by proportional sharing.

Every watt-hour that leaves an area has the area's mix (Bialek, 1996; Kirschen, Allan & Strbac, 1997). With used energy u, emissions
e, and s_ab sent from a to b, the intensity c of an area solves, hour by hour,

    c_a (u_a + Σ_b s_ab) = e_a + Σ_b s_ba c_b

What is lost on the way raises the intensity of who receives. Summed over areas the flows cancel: Σ c·u = Σ e.
"""

import numpy as np


def intensities(used: np.ndarray, emitted: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Consumption-based intensity (hours, areas): emissions of one unit of energy used.

    used, emitted: (hours, areas), non-negative. sent: (hours, areas, areas), [t, a, b] what a sends to b, at the sending end.
    An area through which nothing passes has intensity NaN.
    Raises ValueError when emissions arise where nothing is used or sent, directly or further on: they could be nobody's.

    A coal area uses 60 and sends 40 to an area that makes 40 of its own without emissions:

    >>> c = intensities(np.array([[60.0, 80.0]]), np.array([[100.0, 0.0]]), np.array([[[0.0, 40.0], [0.0, 0.0]]]))
    >>> c.tolist(), float(c[0] @ [60, 80])
    ([[1.0, 0.5]], 100.0)
    """
    through = used + sent.sum(axis=2)
    idle = through <= 0
    if (emitted[idle] > 0).any():
        raise ValueError("emissions of an area that neither uses nor sends anything")
    matrix = -np.swapaxes(sent, 1, 2)
    diagonal = np.arange(used.shape[1])
    matrix[:, diagonal, diagonal] += np.where(idle, 1.0, through)
    try:
        solved = np.linalg.solve(matrix, emitted[..., None])[..., 0]
    except np.linalg.LinAlgError as error:
        raise ValueError("areas that send in a circle and use nothing") from error
    return np.where(idle, np.nan, solved)
