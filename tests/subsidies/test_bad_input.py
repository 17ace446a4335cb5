"""Bad input and races: a clear message or 4xx, nothing lost, never 500, the ledger exact."""

import io
import threading
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core.errors import Refused
from core.invariants import broken
from eligibility.models import Holding
from subsidies import case_pages
from subsidies.actions import applying, claiming, interests, offering, paying, publicity, reviewing, stopping
from subsidies.models import Application, CaseFile, Envelope, Evidence, Offer, OfferList, PublicNotice
from tests.businesses.numbers import identity
from tests.notifications.register import draft as next_version
from tests.notifications.register import open_shop, publish, put_in_force, tell_of

from . import world

