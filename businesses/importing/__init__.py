"""How files of other bureaus come into the register: read (files), understood (mapping, values, rows), taken in."""
