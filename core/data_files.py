"""Files that the product brings along: figures, words and terms, which officers may change with the product."""

from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C takes a tenth of the time


def read_yaml(path: Path) -> Any:
    """What a file in YAML says. Raises yaml.YAMLError."""
    loader = _LOADER(path.read_text("utf-8"))
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
