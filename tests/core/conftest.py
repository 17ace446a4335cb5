import pytest


@pytest.fixture(autouse=True)
def small_views(settings):
    settings.ROOT_URLCONF = "tests.core.urls"


@pytest.fixture
def api(client):
    """The test client, with exceptions answered as a server would answer them."""
    client.raise_request_exception = False
    return client


@pytest.fixture
def post(api):
    """POST a raw body to the echo."""

    def send(body, content_type="application/json", **headers):
        return api.post("/api/echo/", body, content_type=content_type, **headers)

    return send
