"""Reading the boundary file: TopoJSON in, GeoJSON out. Pure: no Django, no files, no clock.

A TopoJSON topology stores each border once, as an *arc* of integers; polygons list the arcs of their rings, and `~i`
walks arc i backwards (TopoJSON specification 1.0, §2.1.3 transforms, §2.1.4 arc indexes).
"""

from itertools import accumulate
from typing import Any

Position = list[float]

OBJECTS = ("counties", "prefectures")


def feature_collection(topology: dict[str, Any], name: str) -> dict[str, Any]:
    """The object `name` of a quantised topology as a GeoJSON FeatureCollection (degrees, longitude first).

    Raises ValueError when the topology has no transform or no such object: an operator's file is read here too.

    >>> square = {"type": "Topology", "transform": {"scale": [0.5, 0.5], "translate": [100, 30]},
    ...           "arcs": [[[0, 0], [2, 0], [0, 2], [-2, 0], [0, -2]]],
    ...           "objects": {"counties": {"type": "GeometryCollection",
    ...                       "geometries": [{"type": "Polygon", "id": "500101", "arcs": [[0]]}]}}}
    >>> feature_collection(square, "counties")["features"][0]["geometry"]["coordinates"]
    [[[100.0, 30.0], [101.0, 30.0], [101.0, 31.0], [100.0, 31.0], [100.0, 30.0]]]
    """
    if not isinstance(topology, dict) or topology.get("type") != "Topology" or "transform" not in topology:
        raise ValueError("not a quantised TopoJSON topology")
    if name not in topology.get("objects", {}):
        raise ValueError(f"the topology has no object named {name}")
    arcs = _decoded_arcs(topology)
    features = [_feature(geometry, arcs) for geometry in topology["objects"][name]["geometries"]]
    return {"type": "FeatureCollection", "features": features}


def _decoded_arcs(topology: dict[str, Any]) -> list[list[Position]]:
    """Every arc as positions in degrees: undo the delta encoding, then scale and translate."""
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        steps = zip(accumulate(step[0] for step in arc), accumulate(step[1] for step in arc), strict=True)
        decoded.append([[left + x * scale_x, bottom + y * scale_y] for x, y in steps])
    return decoded


def _feature(geometry: dict[str, Any], arcs: list[list[Position]]) -> dict[str, Any]:
    """One TopoJSON polygon or multipolygon as a GeoJSON feature that keeps its id and properties."""
    if geometry["type"] == "Polygon":
        coordinates: list[Any] = [_ring(ring, arcs) for ring in geometry["arcs"]]
    elif geometry["type"] == "MultiPolygon":
        coordinates = [[_ring(ring, arcs) for ring in polygon] for polygon in geometry["arcs"]]
    else:
        raise ValueError(f"a boundary must be a Polygon or a MultiPolygon, not a {geometry['type']}")
    return {
        "type": "Feature",
        "id": geometry["id"],
        "properties": geometry.get("properties", {}),
        "geometry": {"type": geometry["type"], "coordinates": coordinates},
    }


def _ring(indexes: list[int], arcs: list[list[Position]]) -> list[Position]:
    """Joins arcs end to end; each arc after the first begins where the last ended, so its first point is dropped."""
    ring: list[Position] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(arc[1:] if ring else arc)
    return ring
