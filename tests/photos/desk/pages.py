"""What an organizer does on the desk's pages of photos."""

from django.urls import reverse

from photos.models import Photo

ACT = "admin:photos_photo_act"
LIST = "admin:photos_photo_changelist"


def press(client, **fields):
    """Press a button of a card, by its name: with ids, or what else it carries."""
    return client.post(reverse(ACT), fields, follow=True)


def act_on(client, action, photos, **fields):
    """Choose photos in the list, and an action for them."""
    data = {"action": action, "_selected_action": [photo.pk for photo in photos]} | fields
    return client.post(reverse(LIST), data, follow=True)


def undo_token(page):
    _, _, rest = page.content.decode().partition('name="undo" value="')
    return rest.partition('"')[0]


def hidden(*photos):
    rows = Photo.objects.filter(pk__in=[photo.pk for photo in photos])
    return dict(rows.values_list("pk", "hidden"))
