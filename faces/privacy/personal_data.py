"""All rows that are a person's, found by walking the models: none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import QuerySet
from pgvector.django import HalfVectorField, VectorField

from events.models import User

# Never handed out: the password's hash proves nothing to its owner, pictures are on the page, a
# template is the index's own, and whoever finds the file must not sign in with what is in it.
LEFT_OUT = (models.BinaryField, models.ManyToManyField, HalfVectorField, VectorField)
# Which faces may be theirs before other guests are heard, beside which are theirs, would tell that
# a face is another's. What came of it is handed out: matches and questions.
LEFT_OUT_MODELS = frozenset(
    {"faces.anchor", "faces.candidate", "faces.facesimilarity", "faces.guestmodel"}
)
LEFT_OUT_NAMES = frozenset(
    {"password", "template", "session", "session_data", "sha256", "attempt_id", "link_code"}
)

Path = tuple[type[models.Model], str]


def owned() -> list[Path]:
    """Models whose rows belong to a person, with the look-up that leads to the person.

    A row belongs to whom it would be deleted with. `faces_enrollment` has no column for a user:
    it is reached through the selfie.
    """
    return sorted(_walk(get_user_model(), ""), key=lambda path: path[0]._meta.label_lower)


def rows_of(user: User, path: Path) -> QuerySet[models.Model]:
    model, lookup = path
    manager: models.Manager[models.Model] = model._meta.base_manager
    return manager.filter(**{lookup: user.pk})


def counts(user: User) -> dict[str, int]:
    """Numbers of rows by model, those that have any; with those of the children that the person
    looks for, who are rows of their own."""
    children = list(User.objects.children_of(user))
    found = {
        path[0]._meta.label_lower: sum(rows_of(one, path).count() for one in (user, *children))
        for path in owned()
    }
    found[User._meta.label_lower] = len(children)
    return {label: count for label, count in found.items() if count}


def naming() -> list[Path]:
    """Models whose rows name a person and outlive them, without the name then: a photo given, a
    download, an act at the desk."""
    user = get_user_model()
    relations = (
        (model, field) for model in apps.get_models() for field in model._meta.get_fields()
    )
    paths = (
        (model, field.name) for model, field in relations if _leads_to(field, user, "SET_NULL")
    )
    return sorted(paths, key=lambda path: path[0]._meta.label_lower)


def export(user: User) -> dict[str, Any]:
    """What is stored about a person as plain values, by model; less what tells of others."""
    account = User._meta.base_manager.filter(pk=user.pk)
    documents: dict[str, Any] = {"account": _plain(account)[0]}
    for path in owned() + naming():
        if path[0]._meta.label_lower in LEFT_OUT_MODELS:
            continue
        if rows := _plain(rows_of(user, path)):
            documents[path[0]._meta.label_lower] = rows
    if children := [export(child) for child in User.objects.children_of(user)]:
        documents["children"] = children
    return documents


def _walk(target: type[models.Model], prefix: str) -> Iterator[Path]:
    for model in apps.get_models():
        for relation in model._meta.get_fields():
            # Children have rows of their own: they are walked one by one.
            if model is not target and _leads_to(relation, target, "CASCADE"):
                lookup = f"{relation.name}__{prefix}".rstrip("_")
                yield model, lookup
                yield from _walk(model, lookup)


def _leads_to(relation: Any, target: type[models.Model], on_delete: str) -> bool:
    """Whether `relation` is a column that leads to `target`, with this fate when its row goes."""
    is_column = isinstance(relation, models.ForeignKey) and not relation.auto_created
    if not is_column or relation.related_model is not target:
        return False
    return relation.remote_field.on_delete is getattr(models, on_delete)


def _plain(rows: QuerySet[models.Model]) -> list[dict[str, Any]]:
    """Plain columns only; a picture or a template is never read from the database for it."""
    fields = [
        field.attname
        for field in rows.model._meta.concrete_fields
        if not isinstance(field, LEFT_OUT) and field.name not in LEFT_OUT_NAMES
    ]
    return list(rows.order_by("pk").values(*fields))
