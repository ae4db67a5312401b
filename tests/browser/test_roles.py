"""What each role sees and what is refused to it, in the browser."""

import pytest
from ground import ROLES, declared_pages
from playwright.sync_api import expect

from vatriage.model.viewer import Right, Role

_LINKS = "Array.from(document.querySelectorAll('#menu a'), link => link.getAttribute('href'))"


@pytest.fixture(scope="module")
def declared(service):
    """Every page that is read by GET and needs no parameter: address -> the right it asks for, None = public."""
    return {
        f"/{route}": None if right is None else Right(right)
        for route, right, by_get in declared_pages(service.home).values()
        if by_get and "<" not in route
    }


def test_there_is_a_person_for_every_role():
    assert sorted(ROLES) == sorted(role.value for role in Role)


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_shows_a_role_only_what_it_may_open(surroundings, declared, role):
    with surroundings.page(role) as page:
        page.goto("/")
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        surroundings.shot(page, f"role-{role}")
        links = page.evaluate(_LINKS)
        answers = {link: page.request.get(link).status for link in links}

    assert {link: status for link, status in answers.items() if status != 200} == {}
    assert [link for link in links if declared[link] not in Role(role).rights] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_what_it_has_no_right_to(surroundings, declared, role):
    rights = Role(role).rights
    refused = [address for address, right in declared.items() if right is not None and right not in rights]
    with surroundings.page(role) as page:
        for address in refused:
            answer = page.goto(address)

            assert (address, answer.status) == (address, 403)
            expect(page.get_by_role("heading", name="Not for your role")).to_be_visible()
        answers = {
            address: page.request.get(address, max_redirects=0).status
            for address, right in declared.items()
            if right is None or right in rights
        }

    assert {address: status for address, status in answers.items() if status not in (200, 302, 400, 404)} == {}
    assert refused == [] or role != "admin"


def test_a_stranger_is_sent_to_the_login_and_back(surroundings, declared):
    with surroundings.page() as page:
        for address, right in declared.items():
            page.goto(address)
            if right is not None:
                expect(page.get_by_role("button", name="Log in")).to_be_visible()
