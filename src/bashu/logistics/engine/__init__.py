"""The pure computation of logistics: networks as arrays, exact Pareto routing, container numbers."""
