"""A restored database without its files is told: what was taken in lies on the disk, and opens."""

from collections.abc import Iterator

from core.invariants import invariant

from ..models import Evidence
from .wallet import is_there


@invariant("收下的材料文件都在磁盘上")
def no_file_is_lost() -> Iterator[str]:
    kept = Evidence.objects.kept().order_by("pk").values_list("pk", "stored_name")
    for pk, stored_name in kept.iterator(chunk_size=2_000):
        if not is_there(stored_name):
            yield f"材料 {pk} 的文件不在 PRIVATE_FOLDER 里"
