"""What tests of the labour market do in a browser."""

from django.conf import settings

from tests.pages.shops import browser_of


def cookies_of(user):
    return {settings.SESSION_COOKIE_NAME: browser_of(user).cookies[settings.SESSION_COOKIE_NAME].value}


def fill(page, typed):
    for name, value in typed.items():
        control = page.locator(f"[name='{name}']").first
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(value)
        elif isinstance(value, list):
            for one in value:
                page.locator(f"[name='{name}'][value='{one}']").check()
        elif value == "on" or name == "unit":
            page.locator(f"[name='{name}'][value='{value}']").check()
        else:
            control.fill(value)


def text(page):
    return page.locator("main").inner_text()
