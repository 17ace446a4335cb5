"""An address as a square code, drawn by the server: no script, no picture from elsewhere."""

from collections.abc import Iterator

BORDER = 4  # modules of white around it, as the standard asks


def code_of(url: str) -> dict:
    """``{size, path}``: a square of so many modules, and the path of those that are black, for an ``svg``."""
    import qrcode  # reads a library for pictures, which other processes than the web's never need

    code = qrcode.QRCode(border=BORDER, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(url)
    rows = code.get_matrix()
    path = "".join(
        f"M{across} {down}h{length}v1h-{length}z"
        for down, row in enumerate(rows)
        for across, length in _runs(row)
    )
    return {"size": len(rows), "path": path}


def _runs(row) -> Iterator[tuple[int, int]]:
    """(where it begins, how long it is) of each run of black modules."""
    across = 0
    while across < len(row):
        length = 0
        while across + length < len(row) and row[across + length]:
            length += 1
        if length:
            yield across, length
        across += max(length, 1)
