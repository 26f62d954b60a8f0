"""Bashu (巴蜀): open software with which two neighbouring governments run one economic region."""

__version__ = "0.1.0"
