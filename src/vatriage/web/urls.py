"""Every address of the web face: the declared pages, the declared endpoints of the API, and nothing else."""

from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLPattern, URLResolver, path

from vatriage.web import pages
from vatriage.web.api.site import ROOT, SITE
from vatriage.web.page import PAGES

for _module in iter_modules(pages.__path__):
    import_module(f"{pages.__name__}.{_module.name}")

urlpatterns: list[URLPattern | URLResolver] = [path(page.route, page.view, name=page.name) for page in PAGES.values()]
urlpatterns.append(path(f"{ROOT[1:]}/", SITE.urls))
handler400 = "vatriage.web.errors.bad_request"
handler403 = "vatriage.web.errors.forbidden"
handler404 = "vatriage.web.gate.not_found"
handler500 = "vatriage.web.errors.broken"
