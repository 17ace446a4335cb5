"""Which posts and workers fit."""

from django.db import models
from django.db.models import Q

from .posts import Post
from .workers import Worker


class JobMatch(models.Model):
    """A post and a worker who fit. ``for_post``: among the best for the post, which are those who ask the least;
    ``for_worker``: among the best for the worker, which pay the most. Written by pairs/matching.py alone."""

    # A million rows are written at once, from rows that are there: the database does not look each of them up again,
    # which took a third of the time, and keeps no index that another can stand for. An invariant finds a pair that is
    # left behind.
    pk = models.CompositePrimaryKey("post_id", "worker_id")
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="matches", db_index=False, db_constraint=False
    )
    worker = models.ForeignKey(
        Worker, on_delete=models.CASCADE, related_name="matches", db_index=False, db_constraint=False
    )
    wants_fen = models.BigIntegerField()
    day_fen = models.BigIntegerField()
    for_post = models.BooleanField()
    for_worker = models.BooleanField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["post", "wants_fen", "worker"], condition=Q(for_post=True), name="best_of_post"
            ),
            models.Index(fields=["worker", "-day_fen", "post"], name="best_of_worker"),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}"
