"""The event page: created in a minute, changed by one organizer at a time, deleted by its name."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.utils import flatten
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from events.admin import EventAdmin
from events.desk import merging
from events.models import Event, Membership
from tests.builders import add_member, make_event, make_user

pytestmark = pytest.mark.django_db

ADD = "admin:events_event_add"
CHANGE = "admin:events_event_change"


EDITED = [name for _, options in EventAdmin.fieldsets for name in flatten(options["fields"])]


def address(name, event, *args):
    return reverse(f"admin:events_event_{name}", args=[event.pk, *args])


def create(client, **fields):
    filled = {
        "name": "Fête d’été",
        "starts_on": "2027-06-20",
        "ends_on": "",
        "indexing": "guests_only",
        "controller_name": "Olga’s parties",
        "controller_contact": "olga@example.com",
    } | fields
    return client.post(reverse(ADD), filled)


def form_of(event, **changes):
    return {
        "name": event.name,
        "slug": event.slug,
        "starts_on": event.starts_on,
        "ends_on": event.ends_on,
        "welcome": event.welcome,
        "join_until_0": "",
        "join_until_1": "",
        "downloads": event.downloads,
        "guest_upload_quota": event.guest_upload_quota,
        "guest_upload_moderation": "on",
        "time_zone": event.time_zone,
        "match_threshold": event.match_threshold,
        "indexing": event.indexing,
        "general": event.general,
        "controller_name": event.controller_name,
        "controller_contact": event.controller_contact,
        "faces_kept_days": event.faces_kept_days,
        "delete_on": event.delete_on or "",
        "seen": merging.seen(merging.values(event, EDITED)),
    } | changes


def save(client, event, **changes):
    return client.post(address("change", event), form_of(event, **changes))


def errors(answer):
    return answer.context["adminform"].form.errors


class TestCreating:
    def test_a_name_and_a_day_are_enough(self, organizer, as_user):
        answer = create(as_user(organizer))
        event = Event.objects.get()
        assert answer.url == address("change", event)
        assert (event.slug, event.ends_on) == ("fete-dete", date(2027, 6, 20))
        assert event.delete_on == date(2028, 6, 19)
        assert event.memberships.get().role == Membership.Role.ORGANIZER

    @pytest.mark.parametrize("field", ["indexing", "controller_name", "controller_contact"])
    def test_what_the_law_asks_for_is_asked(self, organizer, as_user, field):
        client = as_user(organizer)
        shown = client.get(reverse(ADD)).context["adminform"].form
        assert shown["indexing"].value() is None
        assert list(errors(create(client, **{field: ""}))) == [field]
        assert not Event.objects.exists()

    def test_the_installation_may_say_who_is_responsible(self, organizer, as_user, settings):
        settings.CONTROLLER_NAME, settings.CONTROLLER_CONTACT = "Weddings Ltd", "+33 1 02 03 04 05"
        client, nobody = as_user(organizer), {"controller_name": "", "controller_contact": ""}
        assert "Empty: Weddings Ltd, +33" in client.get(reverse(ADD)).content.decode()
        half = create(client, **nobody | {"controller_name": "The couple"})
        assert list(errors(half)) == ["controller_contact"]
        create(client, **nobody)
        assert Event.objects.get().controller == ("Weddings Ltd", "+33 1 02 03 04 05")

    def test_a_taken_address_gets_a_number(self, organizer, as_user):
        client = as_user(organizer)
        for _ in range(3):
            create(client)
        slugs = set(Event.objects.values_list("slug", flat=True))
        assert slugs == {"fete-dete", "fete-dete-2", "fete-dete-3"}

    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("Ревю 2026", "revyu-2026"),
            ("祝", "zhu"),
            ("Straßenfest", "strassenfest"),
            ("!", "event"),
        ],
    )
    def test_a_name_in_any_writing_gets_an_address(self, organizer, as_user, name, slug):
        create(as_user(organizer), name=name)
        assert Event.objects.get().slug == slug

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [("name", ""), ("name", "x" * 200), ("name", "\u200b"), ("starts_on", "2126-01-01")],
    )
    def test_what_is_wrong_is_said_once_and_at_its_field(self, organizer, as_user, field, wrong):
        said = errors(create(as_user(organizer), **{field: wrong}))
        assert {name: len(texts) for name, texts in said.items()} == {field: 1}

    def test_reversed_dates_are_refused_at_their_field(self, organizer, as_user):
        answer = create(as_user(organizer), ends_on="2027-06-19")
        assert errors(answer) == {"ends_on": ["The last day is before the first day."]}
        assert not Event.objects.exists()

    @pytest.mark.parametrize("typed", ["20.6.2027", "20/06/2027", "20-06-2027", "20.06.27"])
    def test_dates_are_typed_as_people_write_them(self, organizer, as_user, typed):
        create(as_user(organizer), starts_on=typed)
        assert Event.objects.get().starts_on == date(2027, 6, 20)

    def test_a_date_that_is_none_is_told_what_one_looks_like(self, organizer, as_user):
        answer = create(as_user(organizer), starts_on="next Saturday")
        assert errors(answer)["starts_on"] == ["Please give a date such as 15.11.2026."]

    @pytest.mark.parametrize("day", ["2126-06-20", "1026-06-20", "0026-06-20"])
    def test_a_slip_in_the_year_is_noticed(self, organizer, as_user, day):
        answer = create(as_user(organizer), starts_on=day, ends_on=day)
        assert list(errors(answer)) == ["starts_on", "ends_on"]
        assert "Please give a year from 1990 to 20" in str(errors(answer))

    def test_the_page_says_what_it_is(self, organizer, as_user):
        page = as_user(organizer).get(reverse(ADD)).content.decode()
        assert '<h1 class="desk-title">New event</h1>' in page

    def test_who_only_photographs_makes_no_events(self, event, as_user):
        photographer = make_user("Pia")
        add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
        assert create(as_user(photographer)).status_code == 403


class TestChanging:
    def test_a_change_is_saved_and_counted(self, event, organizer, as_user):
        answer = save(as_user(organizer), event, welcome="Bienvenue !")
        assert answer.url == address("change", event)
        event.refresh_from_db()
        assert event.welcome == "Bienvenue !"

    def test_what_two_organizers_change_is_kept_of_both(self, event, organizer, as_user):
        other = make_user("Claire")
        add_member(event, other, Membership.Role.ORGANIZER)
        save(as_user(other), event, welcome="Hers", guest_uploads="on", match_threshold="80")
        Event.objects.filter(pk=event.pk).update(closed_at=timezone.now())
        client = as_user(organizer)
        answer = client.post(address("change", event), form_of(event, name="His"), follow=True)
        said = "Changed by somebody else meanwhile, and kept: "
        assert said in answer.content.decode()
        stored = Event.objects.get(pk=event.pk)
        assert (stored.name, stored.welcome, stored.match_threshold) == ("His", "Hers", 80)
        assert stored.guest_uploads
        assert stored.closed_at

    def test_what_both_changed_is_asked_with_all_that_was_typed(self, event, organizer, as_user):
        other = make_user("Claire")
        add_member(event, other, Membership.Role.ORGANIZER)
        Event.objects.filter(pk=event.pk).update(join_until=timezone.now())
        event.refresh_from_db()
        moment = timezone.localtime(event.join_until, event.zone)
        until = {"join_until_0": f"{moment:%Y-%m-%d}", "join_until_1": f"{moment:%H:%M:%S}"}
        later = until | {"join_until_0": "2027-01-02", "join_until_1": "20:15"}
        save(as_user(other), event, welcome="Hers", **later)
        client = as_user(organizer)
        answer = save(client, event, welcome="His", name="New name", **until)
        assert list(errors(answer)) == ["welcome"]
        (said,) = errors(answer)["welcome"]
        assert said.startswith("Claire changed this while your page was open. It is now: Hers")
        assert Event.objects.get(pk=event.pk).welcome == "Hers"
        shown = answer.context["adminform"].form
        typed = {"welcome": "His", "name": "New name", "seen": shown["seen"].value(), **later}
        assert [shown[name].value() for name in ("welcome", "name")] == ["His", "New name"]
        assert shown["join_until"].value() == ["2027-01-02", "20:15"]
        assert save(client, event, **typed).status_code == 302
        stored = Event.objects.get(pk=event.pk)
        assert (stored.welcome, stored.name) == ("His", "New name")
        assert timezone.localtime(stored.join_until, event.zone).day == 2

    @pytest.mark.parametrize("sent", ["", "{", "[]", '{"name": 5}', '{"other": "x"}'])
    def test_a_form_that_says_nothing_of_what_it_showed_is_saved(
        self, event, organizer, as_user, sent
    ):
        save(as_user(organizer), event, seen=sent, welcome="x")
        assert Event.objects.get(pk=event.pk).welcome in {"x", ""}

    @pytest.mark.parametrize("wrong", ["101", "49.9", "-1", "nan", "abc", ""])
    def test_a_wrong_threshold_is_refused(self, event, organizer, as_user, wrong):
        assert "match_threshold" in errors(save(as_user(organizer), event, match_threshold=wrong))

    def test_a_taken_address_comes_with_a_free_one(self, event, organizer, as_user):
        make_event(slug="gala")
        make_event(slug="gala-2")
        answer = save(as_user(organizer), event, slug="gala")
        assert errors(answer) == {"slug": ["This address is taken. “gala-3” is free."]}

    def test_the_time_zones_offered_are_places(self, event, organizer, as_user):
        page = as_user(organizer).get(address("change", event)).content.decode()
        assert '<option value="Asia/Kolkata">Kolkata</option>' in page
        assert "Asia/Calcutta" not in page
        Event.objects.update(time_zone="Asia/Calcutta")
        page = as_user(organizer).get(address("change", event)).content.decode()
        assert '<option value="Asia/Calcutta" selected>' in page

    def test_time_zones_are_in_the_readers_language_and_order(self, event, organizer, as_user):
        french = {"accept-language": "fr"}
        page = as_user(organizer).get(address("change", event), headers=french).content.decode()
        assert re.findall('<optgroup label="(.+?)"', page) == [
            *("Afrique", "Amérique", "Antarctique", "Arctique", "Asie", "Australie", "Europe"),
            *("Océan Atlantique", "Océan Indien", "Océan Pacifique"),
        ]
        assert page.index(">Açores<") < page.index(">Îles Canaries<") < page.index(">Stanley<")

    def test_an_unknown_time_zone_is_refused(self, event, organizer, as_user):
        assert "time_zone" in errors(save(as_user(organizer), event, time_zone="Mars/Base"))

    @pytest.mark.parametrize("wrong", ["0", "731", "99999", "-1", "x", ""])
    def test_unclaimed_faces_are_not_kept_for_years(self, event, organizer, as_user, wrong):
        assert "faces_kept_days" in errors(save(as_user(organizer), event, faces_kept_days=wrong))

    @pytest.mark.parametrize(
        ("field", "value", "job"),
        [("match_threshold", "80", "rematch"), ("indexing", "guests_only", "rescan")],
    )
    def test_what_concerns_recognition_is_done_again(
        self, event, organizer, as_user, field, value, job
    ):
        save(as_user(organizer), event, **{field: value})
        assert [task.task["name"] for task in OrmQ.objects.all()] == [f"{job}-{event.pk}"]

    def test_a_new_last_day_leaves_time_for_the_warning(self, event, organizer, as_user):
        client = as_user(organizer)
        tomorrow = timezone.localdate() + timedelta(days=1)
        assert "delete_on" in errors(save(client, event, delete_on=tomorrow))
        Event.objects.update(deletion_warned_at=timezone.now())
        save(client, event, delete_on=tomorrow + timedelta(days=60))
        event.refresh_from_db()
        assert not event.will_be_deleted

    def test_times_are_those_of_the_events_place(self, event, organizer, as_user):
        Event.objects.filter(pk=event.pk).update(time_zone="America/New_York")
        event.refresh_from_db()
        changes = {"join_until_0": "2026-06-21", "join_until_1": "20:00:00"}
        save(as_user(organizer), event, **changes)
        event.refresh_from_db()
        assert event.join_until.isoformat() == "2026-06-22T00:00:00+00:00"
        page = as_user(organizer).get(address("change", event)).content.decode()
        assert 'value="20:00"' in page


class TestJoinCodeAndClosing:
    def test_a_new_code_ends_the_old_link(self, event, organizer, as_user, client):
        old = event.get_join_url()
        as_user(organizer).post(address("rotate_code", event))
        event.refresh_from_db()
        assert client.get(old).status_code == 404
        assert client.get(event.get_join_url()).status_code == 200

    def test_a_closed_event_is_not_joined_until_it_is_open_again(
        self, event, organizer, as_user, client
    ):
        desk = as_user(organizer)
        desk.post(address("close", event))
        assert client.get(event.get_join_url()).status_code == 410
        desk.post(address("reopen", event))
        assert client.get(event.get_join_url()).status_code == 200

    @pytest.mark.parametrize("name", ["rotate_code", "close", "reopen"])
    def test_following_a_link_changes_nothing(self, event, organizer, as_user, name):
        assert as_user(organizer).get(address(name, event)).status_code == 405

    def test_the_qr_code_comes_as_png_and_svg(self, event, organizer, as_user):
        client = as_user(organizer)
        png, svg = (client.get(address("qr_code", event, kind)) for kind in ("png", "svg"))
        assert png.content.startswith(b"\x89PNG")
        assert b"<svg" in svg.content
        assert client.get(address("qr_code", event, "exe")).status_code == 404


class TestPoster:
    def test_it_speaks_the_guests_language(self, event, organizer, as_user):
        client = as_user(organizer)
        english = client.get(address("poster", event), {"language": "en"}).content.decode()
        french = client.get(address("poster", event), {"language": "fr"}).content.decode()
        assert "Find the photos you are in" in english
        assert "Retrouvez les photos où vous êtes" in french
        assert '<html lang="fr">' in french

    def test_it_shows_link_code_and_size(self, event, organizer, as_user):
        page = as_user(organizer).get(address("poster", event), {"size": "a5"}).content.decode()
        assert f"{event.join_code[:4]} {event.join_code[4:]}" in page
        assert 'class="poster-page poster-a5"' in page
        assert "<path" in page
        assert "style=" not in page

    def test_what_it_does_not_know_it_ignores(self, event, organizer, as_user):
        strange = {"size": "a0", "language": "xx/../"}
        assert as_user(organizer).get(address("poster", event), strange).status_code == 200


class TestHome:
    def test_an_organizer_sees_own_events(self, event, organizer, as_user):
        other = make_event(name="Somebody else’s")
        page = as_user(organizer).get(reverse("admin:index")).content.decode()
        assert address("change", event) in page
        assert other.name not in page

    def test_a_photographer_finds_the_upload(self, event, as_user):
        photographer = make_user("Pia")
        add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
        page = as_user(photographer).get(reverse("admin:index")).content.decode()
        assert reverse("admin:photos_photo_upload", args=[event.pk]) in page
        assert address("change", event) not in page

    def test_the_log_in_offers_a_code(self, client):
        page = client.get(reverse("admin:login"), {"next": "/admin/"}).content.decode()
        assert f"{reverse('account_request_login_code')}?next=/admin/" in page
