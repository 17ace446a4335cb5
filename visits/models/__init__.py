"""Visits that bureaus mean to pay shops, and draws of whom to visit."""

from .draws import InspectionDraw, InspectionPick
from .visits import LONGEST_ITEM, LONGEST_NOTE, Visit, VisitCase

__all__ = ["LONGEST_ITEM", "LONGEST_NOTE", "InspectionDraw", "InspectionPick", "Visit", "VisitCase"]
