"""WMTS capabilities in the shape of 天地图, written by hand: `c` and `w` sets, scales at 96 dots an inch."""

from __future__ import annotations

TIANDITU_SCALE_1 = 2.958293554545656e8
OGC_SCALE_1 = 2.795411320143589e8


def matrix(level: int, scale: float, corner: str, columns: int, rows: int, name: str = "") -> str:
    return f"""<TileMatrix><ows:Identifier>{name or level}</ows:Identifier>
    <ScaleDenominator>{scale}</ScaleDenominator><TopLeftCorner>{corner}</TopLeftCorner>
    <TileWidth>256</TileWidth><TileHeight>256</TileHeight>
    <MatrixWidth>{columns}</MatrixWidth><MatrixHeight>{rows}</MatrixHeight></TileMatrix>"""


def c_set(name: str = "c", crs: str = "urn:ogc:def:crs:EPSG::4490", corner: str = "90.0 -180.0") -> str:
    """天地图's geographic set: north first, level 1 is 2 × 1 tiles."""
    levels = "".join(
        matrix(n, TIANDITU_SCALE_1 / 2 ** (n - 1), corner, 2**n, 2 ** (n - 1)) for n in range(1, 19)
    )
    return (
        f"<TileMatrixSet><ows:Identifier>{name}</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>"
        f"{levels}</TileMatrixSet>"
    )


def w_set(
    name: str = "w",
    crs: str = "urn:ogc:def:crs:EPSG::900913",
    corner: str = "20037508.3427892 -20037508.3427892",
) -> str:
    """天地图's Mercator set; its corner is written north first, against its own CRS."""
    levels = "".join(matrix(n, TIANDITU_SCALE_1 / 2 ** (n - 1), corner, 2**n, 2**n) for n in range(1, 19))
    return (
        f"<TileMatrixSet><ows:Identifier>{name}</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>"
        f"{levels}</TileMatrixSet>"
    )


def layer(
    name: str = "vec", sets: tuple[str, ...] = ("c",), inner: str = "", formats: tuple[str, ...] = ("tiles",)
) -> str:
    links = "".join(
        f"<TileMatrixSetLink><TileMatrixSet>{s}</TileMatrixSet></TileMatrixSetLink>" for s in sets
    )
    kinds = "".join(f"<Format>{f}</Format>" for f in formats)
    return f"""<Layer><ows:Title>{name} 图层</ows:Title><ows:Identifier>{name}</ows:Identifier>
    <Style><ows:Identifier>spare</ows:Identifier></Style>
    <Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style>{kinds}{links}{inner}</Layer>"""


def kvp(encoding: str = "KVP") -> str:
    return f"""<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>
    <ows:Get xlink:href="http://inner-name:8080/wmts?"><ows:Constraint name="GetEncoding"><ows:AllowedValues>
    <ows:Value>{encoding}</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get>
    </ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>"""


def document(layers: str, sets: str, operations: str | None = None, head: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"
    xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">
<ows:ServiceIdentification><ows:Title>在线地图服务</ows:Title></ows:ServiceIdentification>
{kvp() if operations is None else operations}
<Contents>{layers}{sets}</Contents></Capabilities>""".encode()
