"""Default deny: a table of an organisation gives no row until somebody says of which organisation."""

from typing import Any

from django.db import models

from aldia.db.append_only import AppendOnlyQuerySet


class NoOrganisationNamed(Exception):
    """Raised when a query on an organisation's table does not say of which organisation."""


class _ScopedMixin:
    """Refuses evaluation until `.of(organisation)` (or a row reached by a related object) narrowed the query."""

    model: Any
    _is_scoped = False

    def of(self, organisation: Any) -> Any:
        """Return the rows of one organisation (an instance or its id)."""
        key = getattr(organisation, "pk", organisation)
        rows = self.filter(organisation_id=key)  # type: ignore[attr-defined]
        rows._is_scoped = True
        return rows

    def across_organisations(self) -> Any:
        """Return the rows of all organisations: for workers and checks only, by name so that it is seen in review."""
        rows = self.all()  # type: ignore[attr-defined]
        rows._is_scoped = True
        return rows

    def _filter_or_exclude(self, negate: bool, args: Any, kwargs: Any) -> Any:
        clone = super()._filter_or_exclude(negate, args, kwargs)  # type: ignore[misc]
        if not negate and {"organisation", "organisation_id"} & set(kwargs):
            clone._is_scoped = True
        return clone

    def _clone(self) -> Any:
        clone = super()._clone()  # type: ignore[misc]
        clone._is_scoped = self._is_scoped
        return clone

    def _chain(self) -> Any:
        clone = super()._chain()  # type: ignore[misc]
        clone._is_scoped = self._is_scoped
        return clone

    def _check(self) -> None:
        if not (self._is_scoped or self._hints):  # type: ignore[attr-defined]
            raise NoOrganisationNamed(
                f"Ask {self.model.__name__}.objects.of(organisation); a query without an organisation is refused."
            )


class ScopedQuerySet(_ScopedMixin, models.QuerySet[Any]):
    def _fetch_all(self) -> None:
        self._check()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self._check()
        return super().count()

    def exists(self) -> bool:
        self._check()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._check()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._check()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._check()
        return super().delete()


class ScopedAppendOnlyQuerySet(_ScopedMixin, AppendOnlyQuerySet):
    def _fetch_all(self) -> None:
        self._check()
        super()._fetch_all()

    def count(self) -> int:
        self._check()
        return super().count()

    def exists(self) -> bool:
        self._check()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._check()
        return super().aggregate(*args, **kwargs)
