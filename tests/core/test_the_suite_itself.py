"""The nets under all other tests hold."""

import socket
import warnings
from importlib import import_module
from inspect import signature

import pytest
from django.db import connection
from django.template import Context, engines
from django.template.base import Origin, Template

from benchmarks.all import SMALL, registers
from tests import properties, short_run
from tests.settings import BASE_DIR

engine_of_templates = engines["django"].engine


@pytest.fixture
def rendered():
    def render(text, file):
        context = Context()
        with context.bind_template(Template("", engine=engine_of_templates)):
            return Template(text, Origin(str(file)), engine=engine_of_templates).nodelist.render(context)

    return render


def test_an_undefined_variable_in_our_templates_fails_the_page(rendered):
    with pytest.raises(AssertionError, match=r"home\.html uses amuont"):
        rendered("{{ amuont }}", BASE_DIR / "templates" / "home.html")


def test_an_undefined_variable_in_a_library_template_is_empty(rendered):
    assert rendered("<{{ amuont }}>", BASE_DIR / ".venv" / "site-packages" / "admin.html") == "<>"


def test_the_network_is_off():
    with pytest.raises(OSError, match="may not reach"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.every_engine("the engine itself")
@pytest.mark.django_db(databases=["default", "postgres"])
def test_both_engines_answer_as_default(engine):
    expected = "postgresql" if engine == "postgres" else connection.settings_dict["ENGINE"].rpartition(".")[2]

    assert connection.vendor == expected.replace("sqlite3", "sqlite")


@pytest.mark.parametrize("warning", [DeprecationWarning, ResourceWarning, RuntimeWarning])
def test_warnings_are_errors(warning):
    with pytest.raises(warning):
        warnings.warn("old", warning, stacklevel=1)


def test_a_page_opens_in_a_browser_of_each_size(page):
    page.goto("/page/200/")

    assert page.locator("h1").inner_text() == "secret-detail"
    assert page.evaluate("window.innerWidth") == page.viewport_size["width"]


def test_every_test_stands_in_the_short_run_with_one_engine_at_least(request):
    assert short_run.left_out(request.config) == []


@pytest.mark.parametrize(("sampled", "tried"), [(True, 18), (False, 90)])
def test_a_property_is_tried_with_a_fifth_of_its_examples_in_the_short_run_and_with_all_else(
    monkeypatch, sampled, tried
):
    monkeypatch.setattr(properties, "TIMES", 0)
    monkeypatch.setattr(properties, "sampled", sampled)

    assert properties.examples(90).max_examples == tried


def test_what_starts_first_is_there():
    assert [file for file in short_run.LONGEST if not (BASE_DIR / file).exists()] == []


@pytest.mark.parametrize("n", [[], [100_000]])
def test_each_benchmark_that_make_bench_begins_takes_what_it_is_given(n):
    over_registers, base = registers(n)
    given = {name: options | {"base": base, "database": ""} for name, options in over_registers.items()}

    for name, options in (SMALL | given).items():
        signature(import_module(f"benchmarks.{name}").run).bind(**options)
