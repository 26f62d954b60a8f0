"""A linear, quadratic or mixed-integer program, collected block by block and handed over as compressed columns."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

INF = float("inf")


class Program(NamedTuple):
    """min cost·x + ½·x·Q·x + offset subject to row_lower ≤ A·x ≤ row_upper and lower ≤ x ≤ upper, some x whole numbers."""

    cost: np.ndarray
    quadratic: np.ndarray  # the diagonal of Q, all zero for a linear program
    lower: np.ndarray
    upper: np.ndarray
    whole: np.ndarray
    matrix: sparse.csc_matrix
    row_lower: np.ndarray
    row_upper: np.ndarray
    offset: float

    def value(self, x: np.ndarray) -> float:
        """The objective at a point."""
        # sums, not dot products: those start the threads of the linear algebra library, which cost more than they save here
        return self.offset + float((self.cost * x).sum()) + 0.5 * float((self.quadratic * x**2).sum())


class Assembly:
    """Collects blocks of columns and rows; a block is an array of indices shaped like what it stands for.

    >>> build = Assembly()
    >>> p = build.columns("p", (2, 3), upper=10.0, cost=1.0)
    >>> balance = build.rows("balance", (3,), lower=4.0, upper=4.0)
    >>> build.terms(balance, p, 1.0)
    >>> build.program().matrix.toarray()[0].tolist()
    [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    """

    def __init__(self) -> None:
        self.column_blocks: dict[str, np.ndarray] = {}
        self.row_blocks: dict[str, np.ndarray] = {}
        self.offset = 0.0
        self._columns: list[np.ndarray] = []  # each (5, size): cost, quadratic, lower, upper, whole
        self._rows: list[np.ndarray] = []  # each (2, size): lower, upper
        self._terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.width = 0
        self.height = 0

    def columns(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        lower: np.ndarray | float = 0.0,
        upper: np.ndarray | float = INF,
        cost: np.ndarray | float = 0.0,
        quadratic: np.ndarray | float = 0.0,
        whole: bool = False,
    ) -> np.ndarray:
        """A block of variables; returns their indices in `shape`. `quadratic` is the coefficient of x² (half of Q's diagonal)."""
        size = int(np.prod(shape))
        block = np.empty((5, size))
        for row, value in enumerate((cost, 2 * np.asarray(quadratic), lower, upper, float(whole))):
            block[row] = np.broadcast_to(value, shape).ravel()
        self._columns.append(block)
        indices = np.arange(self.width, self.width + size).reshape(shape)
        self.column_blocks[name] = indices
        self.width += size
        return indices

    def rows(
        self, name: str, shape: tuple[int, ...], *, lower: np.ndarray | float = -INF, upper: np.ndarray | float = INF
    ) -> np.ndarray:
        """A block of constraints; returns their indices in `shape`."""
        size = int(np.prod(shape))
        block = np.empty((2, size))
        block[0] = np.broadcast_to(lower, shape).ravel()
        block[1] = np.broadcast_to(upper, shape).ravel()
        self._rows.append(block)
        indices = np.arange(self.height, self.height + size).reshape(shape)
        self.row_blocks[name] = indices
        self.height += size
        return indices

    def terms(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray | float) -> None:
        """Add value·x to rows; the three broadcast against each other. Repeated places add up."""
        shape = np.broadcast_shapes(rows.shape, columns.shape, np.shape(values))
        self._terms.append(
            (
                np.broadcast_to(rows, shape).ravel(),
                np.broadcast_to(columns, shape).ravel(),
                np.broadcast_to(np.asarray(values, float), shape).ravel(),
            )
        )

    def program(self) -> Program:
        """Everything collected, as one program."""
        columns = np.concatenate(self._columns, axis=1) if self._columns else np.zeros((5, 0))
        rows = np.concatenate(self._rows, axis=1) if self._rows else np.zeros((2, 0))
        parts = [np.concatenate([term[i] for term in self._terms]) if self._terms else np.zeros(0) for i in range(3)]
        shape = (self.height, self.width)
        matrix = sparse.coo_matrix((parts[2], (parts[0].astype(int), parts[1].astype(int))), shape=shape).tocsc()
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return Program(
            columns[0],
            columns[1],
            columns[2],
            columns[3],
            columns[4].astype(bool),
            matrix,
            rows[0],
            rows[1],
            self.offset,
        )
