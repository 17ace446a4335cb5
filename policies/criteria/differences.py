"""Where two trees differ, apart from what they have in common."""

from dataclasses import replace

from .tree import Group, Leaf, Notes, leaves
from .verdict import moves


def differences(old, new) -> list[tuple] | None:
    """Pairs of nodes in which two trees differ: of a shop of which both nodes of every pair say the same, both trees
    say the same, on any day. None where that cannot be said of nodes: days move them, or they tell what is held.
    """
    old, new = _bare(old), _bare(new)
    if old == new:
        return []
    if _are_groups_of_a_kind(old, new):
        mine, theirs = _rest(old, new)
        if len(mine.children) == len(theirs.children):
            pairs = [differences(*pair) for pair in zip(mine.children, theirs.children, strict=True)]
            return None if None in pairs else [pair for found in pairs for pair in found or ()]
        if mine.children and theirs.children:  # a group of nothing is met, whatever its kind
            old, new = mine, theirs
    return [(old, new)] if _is_fixed(old) and _is_fixed(new) else None


def _rest(old, new):
    """Both groups without the children they share."""
    mine, theirs = list(old.children), list(new.children)
    for child in old.children:
        if child in theirs:
            mine.remove(child)
            theirs.remove(child)
    return replace(old, children=tuple(mine)), replace(new, children=tuple(theirs))


def _bare(node):
    """A node without what says nothing of shops: its place and what is noted of it."""
    if isinstance(node, Leaf):
        return replace(node, id="", notes=Notes(), changeable=False)
    return replace(node, id="", notes=Notes(), children=tuple(map(_bare, node.children)))


def _are_groups_of_a_kind(old, new) -> bool:
    return isinstance(old, Group) and isinstance(new, Group) and old.kind == new.kind


def _is_fixed(node) -> bool:
    return not any(moves(leaf) or leaf.held for leaf in leaves(node))
