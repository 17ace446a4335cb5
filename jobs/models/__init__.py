"""Rows of the room: work that is offered, people who look for it, what fits, and who talks to whom."""

from .agreements import Agreement
from .contacts import Contact, ContactCase
from .matches import JobMatch
from .posts import Post, Report
from .workers import Availability, Worker

__all__ = ["Agreement", "Availability", "Contact", "ContactCase", "JobMatch", "Post", "Report", "Worker"]
