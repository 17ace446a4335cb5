"""What owners fill in on the pages of services, and how it is sent."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

VETERAN = {"all": [{"fact": "operator_groups", "op": "has_any", "value": ["veteran"]}]}
HOW_MUCH = {"key": "sum", "type": "money", "label": "想借多少", "required": True}
WHAT = {"key": "matter", "type": "choice", "label": "办什么", "choices": ["缴存", "提取"], "required": True}


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def photo(name="店门口.jpg", exif=None):
    held = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(held, "JPEG", **({"exif": exif} if exif else {}))
    return SimpleUploadedFile(name, held.getvalue(), "image/jpeg")


def send(browser, row, shop, **typed):
    return browser.post(f"/services/{row.code}/ask/", {"shop": shop.public_id, **typed})


def page_of(case):
    return f"/cases/{case.public_id}/"


def step(key="check", title="初审"):
    return {"key": key, "title": title, "department": "tests"}


def queries(browser, address="/services/"):
    browser.get(address)
    with CaptureQueriesContext(connection) as found:
        assert browser.get(address).status_code == 200
    return len(found)
