"""Whatever a page does, a program can do: every action of a page has its endpoint, or a reason why it has none."""

from itertools import pairwise

from vatriage.model.viewer import Role

DEEDS = {
    "GET activate": ["GET /changes"],
    "POST activate": ["POST /changes/activate", "POST /changes/discard"],
    "GET alert": ["GET /alerts/{alert}", "GET /alerts/{alert}/reviews"],
    "POST alert": ["POST /reviews"],
    "GET alert-event": ["GET /alert-events/{alert}"],
    "POST alert-filters": ["PUT /alert-filters/{name}", "DELETE /alert-filters/{name}"],
    "GET alert-group": ["GET /alert-groups/{group}", "GET /alerts"],
    "POST alert-group": ["POST /reviews"],
    "GET alert-groups": ["GET /alert-groups", "GET /alert-filters"],
    "GET alert-selection": ["GET /alert-selection"],
    "POST alert-selection": ["POST /selection-reviews"],
    "GET tuning-rules": ["GET /tuning-rules"],
    "GET tuning-add": ["GET /zones"],
    "POST tuning-add": ["POST /tuning-previews", "POST /tuning-rules"],
    "GET tuning-rule": ["GET /tuning-rules/{rule}"],
    "GET tuning-edit": ["GET /tuning-rules/{rule}"],
    "POST tuning-edit": ["POST /tuning-previews", "PUT /tuning-rules/{rule}"],
    "POST tuning-switch": ["POST /tuning-switches"],
    "GET alerts": ["GET /alerts", "GET /alert-filters"],
    "GET account": ["GET /me", "GET /me/sessions"],
    "GET audit": ["GET /audit"],
    "GET audit-export": ["GET /audit-export"],
    "POST certificate-accept": ["POST /certificate-acceptances"],
    "GET dashboard": ["GET /dashboard", "GET /pulls", "GET /shadow-zones", "GET /escalations"],
    "GET dashboard-signatures": ["GET /signatures/coverage", "GET /signatures/claims"],
    "GET destination-add": ["GET /zones"],
    "POST destination-add": ["POST /destinations"],
    "GET destination-edit": ["GET /destinations/{name}"],
    "POST destination-edit": ["PATCH /destinations/{name}"],
    "POST destination-remove": ["DELETE /destinations/{name}"],
    "POST destination-test": ["POST /destination-tests"],
    "GET destinations": ["GET /destinations"],
    "GET device": ["GET /devices/{name}", "GET /device-states/{name}", "GET /pulls", "GET /versions/{kind}/{subject}"],
    "GET device-add": ["GET /zones"],
    "POST device-add": ["POST /devices"],
    "POST device-advice": ["POST /pull-advice"],
    "POST device-appliances": ["POST /appliance-lists"],
    "GET device-build": ["GET /built-urls"],
    "GET device-clone": ["GET /device-states/{name}"],
    "POST device-clone": ["POST /device-clones"],
    "GET device-edit": ["GET /device-states/{name}"],
    "POST device-edit": ["PATCH /devices/{name}"],
    "POST device-test": ["POST /connectivity-tests"],
    "POST device-test-stored": ["POST /connectivity-tests"],
    "GET device-url": ["GET /url-explanations"],
    "GET devices": ["GET /devices", "GET /device-states"],
    "GET devices-delete": ["GET /devices"],
    "POST devices-delete": ["DELETE /devices/{name}"],
    "GET escalations": ["GET /escalations"],
    "GET false-positives": ["GET /alert-groups", "GET /dashboard"],
    "POST false-positives": ["POST /group-reviews"],
    "GET host": ["GET /hosts/{address}", "GET /host-services/{address}", "GET /alerts"],
    "GET host-say": ["GET /hosts/{address}"],
    "POST host-say": ["POST /host-statements"],
    "GET host-withdraw": ["GET /hosts/{address}"],
    "POST host-withdraw": ["POST /host-statements/{number}/withdrawal"],
    "GET hosts": ["GET /hosts"],
    "GET knowledge": ["GET /kb"],
    "GET pull": ["GET /pulls/{number}", "GET /pulls/{number}/progress", "GET /pulls/{number}/pages"],
    "POST pull-again": ["POST /pulls"],
    "POST pull-cancel": ["POST /pulls/cancel"],
    "GET pull-live": ["GET /pulls/{number}/progress"],
    "GET pull-raw": ["GET /pulls/{number}/pages/{page}/raw"],
    "GET pull-rejects": ["GET /pulls/{number}/rejects"],
    "GET pulls": ["GET /pulls", "GET /pull-waits"],
    "GET qid": ["GET /kb/{qid}"],
    "POST asset-value-clear": ["DELETE /asset-values"],
    "GET ranking": ["GET /ranking", "GET /asset-values"],
    "POST ranking": ["PUT /asset-values"],
    "GET rule": ["GET /rules/{name}", "GET /rule-runs", "GET /versions/{kind}/{subject}"],
    "GET rule-add": ["GET /devices", "GET /zones"],
    "POST rule-add": ["POST /rules"],
    "GET rule-edit": ["GET /rules/{name}"],
    "POST rule-edit": ["PUT /rules/{name}"],
    "POST rule-plan": ["POST /quota-plans"],
    "GET rule-runs": ["GET /rule-runs"],
    "GET scheduler": ["GET /rules", "GET /rule-offers"],
    "GET scheduler-delete": ["GET /rules"],
    "POST scheduler-delete": ["DELETE /rules/{name}"],
    "POST scheduler-do": ["POST /rule-runs", "POST /rule-pauses"],
    "POST scheduler-offered": ["GET /rule-offers", "POST /rules"],
    "GET scheduler-running": ["GET /pulls"],
    "GET shadow": ["GET /shadow-zones"],
    "GET shadow-report": ["GET /shadow-reports/{zone}", "GET /shadow-samples", "GET /shadow-zones"],
    "POST shadow-draw": ["POST /shadow-samples"],
    "GET shadow-sample": ["GET /shadow-samples/{number}"],
    "POST hiding-on": ["POST /hiding"],
    "POST hiding-off": ["POST /hiding-ends"],
    "POST session-end": ["DELETE /me/sessions/{number}"],
    "GET signatures": ["GET /signatures/coverage", "GET /signatures/claims", "GET /dashboard"],
    "GET system-dns": ["GET /system/dns"],
    "POST system-dns": ["PUT /system/dns"],
    "GET system-proxy": ["GET /system/proxy"],
    "POST system-proxy": ["PATCH /system/proxy"],
    "GET system-tls": ["GET /system/tls", "GET /system"],
    "POST system-tls": ["PUT /system/tls"],
    "POST token-revoke": ["DELETE /me/tokens/{name}"],
    "GET tokens": ["GET /me/tokens"],
    "POST tokens": ["POST /me/tokens"],
    "GET user": ["GET /users/{login}", "GET /user-sessions/{login}"],
    "POST user": ["PUT /users/{login}"],
    "GET user-add": ["GET /zones"],
    "POST user-add": ["POST /users"],
    "POST user-delete": ["DELETE /users/{login}"],
    "POST user-password": ["POST /user-passwords"],
    "POST user-sessions-end": ["POST /session-ends"],
    "POST user-unlock": ["POST /user-unlocks"],
    "GET users": ["GET /users"],
    "POST version-restore": ["POST /versions/restore"],
    "GET versions": ["GET /versions/{kind}/{subject}"],
    "GET virtual-address-add": ["GET /zones"],
    "POST virtual-address-add": ["POST /virtual-addresses"],
    "GET virtual-address-withdraw": ["GET /virtual-addresses"],
    "POST virtual-address-withdraw": ["POST /virtual-addresses/{number}/withdrawal"],
    "GET virtual-addresses": ["GET /virtual-addresses"],
    "GET zone-add": ["GET /zones"],
    "POST zone-add": ["POST /zones"],
    "GET zone-delete": ["GET /zones/{name}"],
    "POST zone-delete": ["DELETE /zones/{name}"],
    "GET zone-edit": ["GET /zones/{name}"],
    "POST zone-edit": ["PUT /zones/{name}"],
    "GET zones": ["GET /zones"],
}
"""By method and name of a page, the endpoints that do the same."""
REASONS = {
    "GET login": "a token takes the place of the login",
    "POST login": "a token takes the place of the login",
    "POST logout": "a token has no session that could end; it is revoked",
    "GET password": "a stolen token must not become a login",
    "POST password": "a stolen token must not become a login",
    "GET home": "a way to the first page, for people",
    "GET health": "public, for load balancers, outside the API",
    "POST devices": "only leads to the page of the button that was pressed",
}
"""By method and name of a page, why it has no endpoint."""


def declared():
    """Return every page by name, every endpoint's right by method and path."""
    from vatriage.web import urls
    from vatriage.web.api.endpoint import ENDPOINTS
    from vatriage.web.page import PAGES

    assert urls.urlpatterns
    return PAGES, {f"{method} {_plain(path)}": known.right for (method, path), known in ENDPOINTS.items()}


def _plain(path):
    return "/".join("{" + part.partition(":")[2] if ":" in part else part for part in path.split("/"))


def test_every_action_of_a_page_has_an_endpoint_or_a_reason_why_not(store):
    pages, endpoints = declared()
    actions = {f"{method} {name}" for name, page in pages.items() for method in page.methods}

    assert sorted(actions - DEEDS.keys() - REASONS.keys()) == []
    assert sorted((DEEDS.keys() | REASONS.keys()) - actions) == []
    assert sorted(DEEDS.keys() & REASONS.keys()) == []
    assert [(action, name) for action, names in DEEDS.items() for name in names if name not in endpoints] == []


ASKS_MORE = {
    "GET versions": "what was activated once may hold what a change of rights took from sight",
    "GET device": "only its versions, as above",
    "GET rule": "only its versions, as above",
    "GET scheduler": "the offer is a button for an Admin",
}
"""Pages of which an endpoint asks for a greater right."""


def test_what_a_page_shows_an_endpoint_shows_to_the_same_roles(store):
    pages, endpoints = declared()
    shut_out = [
        (action, name)
        for action, names in DEEDS.items()
        if action.startswith("GET ") and action not in ASKS_MORE
        for name in names
        if not _may(pages[action.removeprefix("GET ")].right) <= _may(endpoints[name])
    ]

    assert shut_out == []


def _may(right):
    """Return the roles that may what asks for a right."""
    return {role for role in Role if right in role.rights}


def test_no_two_shapes_of_the_api_bear_one_name(store):
    from ninja import Schema

    import vatriage.web.api.site  # noqa: F401 - registers all endpoints

    def below(one):
        return {one, *(found for child in one.__subclasses__() for found in below(child))}

    names = sorted(one.__name__ for one in below(Schema) if one.__module__.startswith("vatriage.web.api"))
    assert [name for name, other in pairwise(names) if name == other] == []
