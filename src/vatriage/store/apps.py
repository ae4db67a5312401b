"""The store as a Django app."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Label `store`; models are listed in `vatriage.store.models`."""

    name = "vatriage.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
