"""The request for one tile, without its key: XYZ templates, WMTS by key and value, WMTS by template."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from services.basemaps.capabilities import WmtsPlan
from services.basemaps.matrices import TileAddress, TileGrid
from services.basemaps.sources import MapSource


def xyz_url(source: MapSource, grid: TileGrid, tile: TileAddress) -> str:
    """Fill an XYZ template; `{-y}` counts rows from the south, `{q}` is the quadkey."""
    matrix = grid.matrices[tile.matrix]
    from_south = matrix.rows - 1 - tile.row
    values = {
        "{z}": matrix.id,
        "{x}": str(tile.column),
        "{y}": str(tile.row),
        "{-y}": str(from_south),
        "{q}": quadkey(int(matrix.id), tile.column, tile.row) if matrix.id.isdecimal() else "",
    }
    url = _spread(source, tile)
    for mark, value in values.items():
        url = url.replace(mark, value)
    return url


def quadkey(level: int, column: int, row: int) -> str:
    """Return the quadkey of a tile."""
    return "".join(str((column >> bit & 1) + 2 * (row >> bit & 1)) for bit in range(level - 1, -1, -1))


def wmts_url(source: MapSource, plan: WmtsPlan, tile: TileAddress) -> str:
    """Return the request for a WMTS tile, by the service's template when it has no key-value way."""
    matrix = plan.grid.matrices[tile.matrix]
    if plan.template:
        values = {
            "TileMatrixSet": plan.matrix_set,
            "TileMatrix": matrix.id,
            "TileRow": str(tile.row),
            "TileCol": str(tile.column),
            "Style": plan.style,
            "Layer": plan.layer,
        }
        url = _on_own_host(plan.template, source.address)
        for name, value in values.items():
            for mark in (f"{{{name}}}", f"{{{name.lower()}}}"):
                url = url.replace(mark, quote(value, safe=""))
        return spread(url, source.subdomains, tile)
    wanted = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": plan.layer,
        "STYLE": plan.style,
        "TILEMATRIXSET": plan.matrix_set,
        "FORMAT": plan.format,
        "TILEMATRIX": matrix.id,
        "TILEROW": str(tile.row),
        "TILECOL": str(tile.column),
    }
    return with_params(_spread(source, tile), wanted)


def capabilities_url(source: MapSource) -> str:
    """Return where a WMTS tells what it offers: the address itself when it names a document, else by key-value."""
    address = spread(source.address, source.subdomains, TileAddress(0, 0, 0))
    if urlsplit(address).path.lower().endswith(".xml"):
        return address
    return with_params(address, {"SERVICE": "WMTS", "REQUEST": "GetCapabilities", "VERSION": "1.0.0"})


def with_params(address: str, wanted: dict[str, str]) -> str:
    """Put parameters into an address; what it has under the same name in any letter case is replaced."""
    parts = urlsplit(address)
    names = {name.lower() for name in wanted}
    kept = [(n, v) for n, v in parse_qsl(parts.query, keep_blank_values=True) if n.lower() not in names]
    query = urlencode([*kept, *wanted.items()], safe="{}:,/")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def spread(url: str, subdomains: tuple[str, ...], tile: TileAddress) -> str:
    """Fill `{s}`: a tile always has the same sub-domain, so that it is never fetched twice."""
    if "{s}" not in url:
        return url
    names = subdomains or tuple(f"t{n}" for n in range(8))
    return url.replace("{s}", names[(tile.column + tile.row) % len(names)])


def _spread(source: MapSource, tile: TileAddress) -> str:
    return spread(source.address, source.subdomains, tile)


def _on_own_host(template: str, address: str) -> str:
    """Keep the host the user gave: a service behind a gate often tells a name only it knows.

    It also keeps the key from being sent anywhere else.
    """
    there, own = urlsplit(template), urlsplit(address)
    return urlunsplit((own.scheme, own.netloc, there.path, there.query, ""))
