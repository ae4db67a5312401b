"""Every page: for eyes that cannot see colours, hands without a mouse, screens of any width, light and dark."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from ground import declared_pages
from playwright.sync_api import expect

NARROW = {"width": 400, "height": 800}
WIDE = {"width": 2500, "height": 1300}
_LINKS = "Array.from(document.querySelectorAll('a[href]'), link => link.getAttribute('href'))"
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LONG_LINES = """Array.from(document.querySelectorAll('main p, main li, main dd'))
    .filter(it => it.getClientRects().length && it.innerText.length > 150
        && it.getBoundingClientRect().width > 110 * parseFloat(getComputedStyle(it).fontSize) * 0.6)
    .map(it => it.innerText.slice(0, 60))"""
_AXE = "() => axe.run({resultTypes: ['violations']}).then(found => found.violations)"


@pytest.fixture(scope="module")
def addresses(surroundings, service):
    """An address for every declared page that a person can read; one that needs a parameter is taken from a link."""
    declared = {name: route for name, (route, _, by_get) in declared_pages(service.home).items() if by_get}
    plain = [f"/{route}" for route in declared.values() if "<" not in route]
    found = set()
    with surroundings.page("admin") as page:
        shown = [address for address in plain if _is_page(page, address)]
        waiting = list(shown)
        while waiting:
            page.goto(waiting.pop())
            for link in page.evaluate(_LINKS):
                path = link.split("#")[0].split("?")[0]
                for route in declared.values():
                    if "<" in route and route not in found and re.fullmatch(_pattern(route), path):
                        found.add(route)
                        if _is_page(page, path):
                            shown.append(path)
                            waiting.append(path)
    return [*shown, "/no/such/page/"]


def test_there_are_pages_to_look_at(addresses):
    assert {"/login/", "/account/", "/account/password/"} <= set(addresses)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_issue_on_any_page(surroundings, addresses, scheme):
    found = []
    with surroundings.page("admin", color_scheme=scheme, reduced_motion="reduce", bypass_csp=True) as page:
        for address in addresses:
            page.goto(address)
            surroundings.shot(page, f"{scheme}{address.replace('/', '-')}".rstrip("-"))
            page.evaluate(AXE_SCRIPT)
            found += [
                f"{address}: {issue['id']} ({issue['impact']}): {node['target']} {node['failureSummary']}"
                for issue in page.evaluate(_AXE)
                if issue["impact"] in ("serious", "critical")
                for node in issue["nodes"]
            ]

    assert found == []


def test_no_page_scrolls_sideways_on_a_telephone(surroundings, addresses):
    found = {}
    with surroundings.page("admin", viewport=NARROW) as page:
        for address in addresses:
            page.goto(address)
            surroundings.shot(page, f"narrow{address.replace('/', '-')}".rstrip("-"))
            found[address] = page.evaluate(_SIDEWAYS)

    assert {address: pixels for address, pixels in found.items() if pixels > 0} == {}


def test_no_page_has_endless_lines_on_a_wide_screen(surroundings, addresses):
    found = {}
    with surroundings.page("admin", viewport=WIDE) as page:
        for address in addresses:
            page.goto(address)
            surroundings.shot(page, f"wide{address.replace('/', '-')}".rstrip("-"), full=False)
            found[address] = [page.evaluate(_SIDEWAYS), page.evaluate(_LONG_LINES)]

    assert {address: values for address, values in found.items() if values != [0, []]} == {}


def test_the_keyboard_reaches_the_content_and_every_control_of_every_page(surroundings, addresses):
    unreached = {}
    with surroundings.page("admin") as page:
        page.route("**/htmx*.js", lambda route: route.abort())  # what refreshes itself would lose its marks
        for address in addresses:
            page.goto(address)
            unreached[address] = _unreached(page)

    assert {address: names for address, names in unreached.items() if names} == {}


def test_the_first_key_reaches_the_skip_link_where_no_field_has_the_focus_already(surroundings, addresses):
    first = {}
    with surroundings.page("admin") as page:
        for address in addresses:
            page.goto(address)
            if not page.locator("[autofocus]").count():
                page.keyboard.press("Tab")
                first[address] = page.evaluate("document.activeElement.className")

    assert {address: name for address, name in first.items() if name != "skip"} == {}


def test_the_skip_link_leads_past_the_menu(surroundings):
    with surroundings.page("admin") as page:
        page.goto("/account/")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_on_a_telephone_the_keyboard_opens_the_menu(surroundings):
    with surroundings.page("admin", viewport=NARROW) as page:
        page.goto("/account/")
        button = page.get_by_role("button", name="Menu")
        expect(page.get_by_role("navigation", name="Menu")).to_be_hidden()
        button.focus()
        page.keyboard.press("Enter")

        expect(button).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_role("navigation", name="Menu")).to_be_visible()


def test_light_and_dark_can_be_chosen_and_are_kept(surroundings):
    with surroundings.page("admin", color_scheme="light") as page:
        page.goto("/account/")
        before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.get_by_role("button", name="Switch between light and dark").click()
        page.goto("/account/password/")
        after = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    assert before != after


def _pattern(route):
    """Return the pattern of a Django route's addresses, without those of its neighbours ("add")."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda match: r"\d+" if match[1] == "int" else r"(?!add\b)[^/]+", route)


def _is_page(page, address):
    """Whether an address shows a page; a redirect, a file to download and a piece of a page do not."""
    answer = page.request.get(address, max_redirects=0)
    assert answer.status < 500, (address, answer.status)
    return answer.status == 200 and answer.text().startswith("<!doctype html>")


def _unreached(page):
    """Return what can be worked with but is not reached by the Tab key."""
    page.evaluate(
        """document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")
        .forEach((it, number) => { if (it.checkVisibility() && !it.disabled) it.dataset.control = number; })"""
    )
    names = page.evaluate(
        """Object.fromEntries(Array.from(document.querySelectorAll('[data-control]'),
        it => [it.dataset.control, it.outerHTML.slice(0, 100)]))"""
    )
    groups = page.evaluate(
        """Object.fromEntries(Array.from(document.querySelectorAll('input[type=radio][data-control]'),
        it => [it.dataset.control, it.name]))"""
    )
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(len(names) + 20):
        page.keyboard.press("Tab")
        number = page.evaluate("document.activeElement.dataset.control ?? null")
        if number is not None:
            reached.add(number)
    reached_groups = {groups[number] for number in reached if number in groups}
    return [
        name for number, name in names.items() if number not in reached and groups.get(number) not in reached_groups
    ]
