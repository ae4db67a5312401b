"""People. Our own user model stands in the first migration, because it cannot be put there later."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody who may log in; roles and zones come with the web face."""

    class Meta:
        """Django's options."""

        db_table = "users"
