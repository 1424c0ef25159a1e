"""Questions as a guest's browser asks for them and answers them."""

from django.urls import reverse

HTMX = {"hx-request": "true"}


def card(client, event, **query):
    return client.get(reverse("my_photos", args=[event.slug]), query).context["card"]


def answer(client, event, match, said="yes", **more):
    address = reverse("answer_question", args=[event.slug, match.photo_id])
    headers = more.pop("headers", None)
    return client.post(
        address, {"answer": said, "face": match.face_id or 1, "on": "card"} | more, headers=headers
    )


def undo(client, event, on="card", **more):
    return client.post(reverse("take_answer_back", args=[event.slug]), {"on": on}, **more)


def face_of(client, event, match):
    return client.get(reverse("question_face", args=[event.slug, match.face_id]))


def list_of(client, event, **query):
    return client.get(reverse("questions", args=[event.slug]), query)


def state(match):
    match.refresh_from_db()
    return match.verdict, match.put_off_at is not None
