"""Who may what: every page and every endpoint, for every role, for nobody, and for tokens that may less than their owner.

What is expected is computed from the declared rights. Pages and endpoints that are added later are walked as they come;
a route with a parameter that nobody gave a value names it.
"""

import re

import pytest

from soak import SOAK
from vatriage.model.viewer import Right, Role
from web.api_client import BODIES, ROOT, Program, ask, filled, furnish, token_of

LACK = (401, 403, 405)
PAGE_VALUES = {
    "name": "d", "number": "1", "kind": "device", "subject": "d", "page": "1", "form": "raw", "alert": "0" * 32,
    "group": "0" * 32, "address": "10.0.0.5", "qid": "1", "zone": "default",
    "rule": "1",
}  # fmt: skip
"""A value for every parameter of a page's route. Need not be there: who may not see the page is refused before that."""


def test_every_page_lets_in_whom_its_right_says_and_nobody_else(store, user, browser):
    from vatriage.web import urls
    from vatriage.web.page import PAGES

    assert urls.urlpatterns
    user(Role.NOTIFIED, name="first")  # number 1 of the users is one whom everybody may change who may change any
    furnish(store)
    client, nobody = browser(None), browser(None)
    people = {role: user(role) for role in Role}
    wrong = []
    for page in PAGES.values():
        address, method = address_of(page.route), "get" if "GET" in page.methods else "post"
        answers = {"nobody": getattr(nobody, method)(address)}
        for role, person in people.items():
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
            answers[role] = getattr(client, method)(address)
        wrong += [
            f"{method} /{page.route} as {who}: {answer.status_code}"
            for who, answer in answers.items()
            if let_in(answer) != (page.right is None or (who != "nobody" and page.right in who.rights))
        ]

    assert wrong == []


def address_of(route):
    """Return a page's address with its parameters filled in."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    missing = [name for name in names if name not in PAGE_VALUES]
    assert not missing, f"{route}: give PAGE_VALUES (tests/web/test_matrix.py) a value for {missing}"
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: PAGE_VALUES[found[1]], route)


def let_in(answer):
    """Whether a page's answer is the page's own: no refusal, and not the way to the login."""
    assert answer.status_code < 500 or answer.status_code == 502, (answer.request["PATH_INFO"], answer.text)
    sent_away = answer.headers.get("Location", "").startswith("/login/")
    if answer.request["PATH_INFO"] == "/logout/":
        return "sessionid" in answer.cookies  # both go to the login; who was let in loses the session's cookie
    return answer.status_code not in LACK and not sent_away


@pytest.mark.parametrize("database", ["postgresql", "sqlite"] if SOAK else ["postgresql"], indirect=True)
def test_every_endpoint_lets_in_whom_its_right_says_and_nobody_else(database, store, user):
    from vatriage.web.api.endpoint import ENDPOINTS
    from vatriage.web.api.site import SITE

    assert SITE
    values = furnish(store)
    people = {role: user(role) for role in Role}
    callers = {f"{role} with all": (Program(token_of(people[role], *role.rights)), role.rights) for role in Role}
    for right in Right:
        token = token_of(people[Role.ADMIN], right, name=f"only {right}")
        callers[f"admin with only {right}"] = (Program(token), {right})
    wrong = []
    for known in sorted(
        ENDPOINTS.values(), key=lambda item: ("GET", "POST", "PATCH", "PUT", "DELETE").index(item.method)
    ):
        path = filled(re.sub(r"{\w+:", "{", known.path), values)
        body = BODIES.get(f"{known.method} {re.sub(r'{[a-z]+:', '{', known.path)}")
        assert (body is None) == (known.body is None), f"give BODIES (tests/web/api_client.py) {known.method} {path}"
        answers = {"nobody": (ask(known.method, path, body, If_Match="*"), set())}
        for who, (program, rights) in callers.items():
            answers[who] = (program.ask(known.method, path, body, If_Match="*"), rights)
        for who, (answer, rights) in answers.items():
            expected = 401 if who == "nobody" else None if known.right in rights else 403
            if not fits(answer, expected):
                wrong.append(f"{known.method} {path} as {who}: {answer.status_code} {answer.text[:200]}")

    assert wrong == []


def fits(answer, expected):
    """Whether a status is the refusal that is expected, or (None) no refusal and no fault of ours."""
    if expected is not None:
        return answer.status_code == expected
    return answer.status_code not in LACK and (answer.status_code < 500 or answer.status_code == 502)


def test_a_browsers_session_may_read_as_its_role_may_and_change_nothing(store, browser):
    from vatriage.web.api.endpoint import ENDPOINTS
    from vatriage.web.api.site import SITE

    assert SITE
    values = furnish(store)
    wrong = []
    for role in Role:
        client = browser(role)
        for known in ENDPOINTS.values():
            path = filled(re.sub(r"{\w+:", "{", known.path), values)
            answer = getattr(client, known.method.lower())(f"{ROOT}{path}", headers={"if-match": "*"})
            expected = 401 if known.method != "GET" else None if known.right in role.rights else 403
            if not fits(answer, expected):
                wrong.append(f"{known.method} {path} as {role}: {answer.status_code}")

    assert wrong == []


def test_nothing_below_api_is_reachable_that_was_not_declared_with_a_right():
    from django.urls import URLPattern, get_resolver

    from vatriage.web import urls
    from vatriage.web.api.endpoint import ENDPOINTS
    from vatriage.web.api.gate import Token
    from vatriage.web.api.site import SITE
    from vatriage.web.page import PAGES

    operations = [
        (method, f"/{router.prefix}/{path}".replace("//", "/"), operation)
        for router in SITE._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]
    assert urls.urlpatterns
    declared = {(method, "/" + path.strip("/")) for method, path in ENDPOINTS}
    assert {(method, "/" + path.strip("/")) for method, path, _ in operations} == declared
    assert all([type(check) for check in operation.auth_callbacks] == [Token] for _, _, operation in operations)
    assert all(known.right in Right for known in ENDPOINTS.values())
    # Whatever else begins with api/ is the site's own root, which answers 404 always; no page hides there.
    top = [item for item in get_resolver().url_patterns if not isinstance(item, URLPattern)]
    assert [str(item.pattern) for item in top] == ["api/v1/"]
    assert not [page.route for page in PAGES.values() if page.route.startswith("api")]


def test_an_endpoint_without_a_right_cannot_be_declared():
    import pytest

    from vatriage.web.api.endpoint import endpoint

    with pytest.raises(TypeError):
        endpoint("GET", "/open", answer=None)
    with pytest.raises(ValueError, match="None is not a valid Right"):
        endpoint("GET", "/open", right=None, answer=None)(print)
