"""Who may come to which address: every pattern of the resolver stands in `WHOSE`."""

from __future__ import annotations

from tests.trust.cast import ROLES

NOBODY = ("anonymous", "inactive organizer")
# All that a session without proof may be of an event's member.
WITHOUT_PROOF = ("unproven", "unproven organizer", "unproven, of another")
MEMBERS = (
    "unproven",
    "proven before invited",
    "guardian",
    "other guest",
    "guest",
    "host",
    "photographer",
    "organizer",
)
AT_A_DESK = ("rival organizer", "photographer", "organizer", "superuser")
GROUPS = {
    "nobody": NOBODY,
    "members": MEMBERS,
    "at_a_desk": AT_A_DESK,
    "without_proof": WITHOUT_PROOF,
}


def answers(rest: str, **others: str) -> dict[str, str]:
    """What each role is answered. Of two answers either will do."""
    found = dict.fromkeys(ROLES, rest)
    for name, answer in others.items():
        found |= dict.fromkeys(GROUPS.get(name, (name.replace("_", " "),)), answer)
    return found


# `in` is past the gate, `login` and `prove` lead to those pages, numbers are HTTP's. Of addresses
# that take one method, others are answered 405, to whomever.
ANSWERS = {
    "everybody": answers("in"),
    "whoever logs in": answers("in", without_proof="prove", proven_before_invited="prove"),
    "whoever joins": answers("in") | {"unproven, of another": "in prove"},
    "accounts": answers("in", nobody="login"),
    "accounts, of roles proven": answers("in", nobody="login", unproven_organizer="prove"),
    "proven accounts": answers("in", nobody="login", without_proof="prove"),
    "the one account": answers("404", nobody="login", guest="in"),
    "members": answers("404", nobody="login", members="in", unproven_organizer="prove"),
    "members' pictures": answers("404", nobody="login", members="in", unproven_organizer="404"),
    "the one guest": answers("404", nobody="login", guest="in", unproven_organizer="prove"),
    "its organizer": answers("404", nobody="login", organizer="in", unproven_organizer="prove"),
    "holders of roles": answers("404", nobody="login", at_a_desk="in", proven_before_invited="in"),
    "holders of a second factor": answers(
        "404", nobody="login", at_a_desk="403 404", proven_before_invited="403 404"
    ),
    "desks": answers("login", at_a_desk="in"),
    "desk: nowhere": answers("login", at_a_desk="404"),
    "desk: nobody": answers("login", at_a_desk="403"),
    "desk: makers of events": answers("login", at_a_desk="in", photographer="403"),
    "desk: superusers": answers("login", at_a_desk="403", superuser="in"),
    "desk: organizers": answers("login", at_a_desk="404", organizer="in", superuser="in"),
    "desk: organizers who make events": answers(
        "login", at_a_desk="404", organizer="in", superuser="in"
    ),
    "desk: photographers": answers("login", at_a_desk="in", rival_organizer="404"),
    # What changes a photo is its organizers'; a photographer looks.
    "desk: photos": answers("login", at_a_desk="in", rival_organizer="404", photographer="in 403"),
    # Asked by scripts, which are told so instead of being sent to log in.
    "scripts of uploads": answers(
        "404",
        nobody="login",
        members="403",
        unproven_organizer="403",
        photographer="in",
        organizer="in",
        superuser="in",
    ),
    # There is no bucket here: tests/s3/test_direct_refusals.py has one.
    "scripts of direct uploads": answers(
        "404",
        nobody="login",
        members="403",
        unproven_organizer="403",
        photographer="404",
        organizer="404",
    ),
}

WHOSE = {
    "everybody": """
        home healthz enter_code untidy_link set_language manifest service_worker offline
        account_signup account_logout account_inactive
        live live_slides live_picture cover cover_large cover_link
        open_notice stop_notices mfa_list_webauthn
        admin:login admin:logout
    """,
    "whoever logs in": "account_login account_request_login_code",
    "whoever joins": "join",
    "accounts": """
        account_confirm_login_code mfa_authenticate prove end_sessions
        privacy privacy_withdraw
    """,
    "accounts, of roles proven": "delete_account",
    "proven accounts": "privacy_export",
    "the one account": "end_session own_selfie remove_selfie remove_child",
    "members": """
        general general_news times photo download download_selection download_favourites
        download_packed
        favourites favourite_photo favourite_times favourite_ids mark_favourites uploads ask_to_hide
        take_hiding_back
        my_photos my_times my_news why_not questions take_answer_back answer_question download_mine
        photo_faces say_verdict together together_photo selfie check_selfie keep_selfie
        reuse_selfies answer_consent children
    """,
    "members' pictures": "thumbnail medium preview set_notices",
    "the one guest": """
        remove_upload my_photo question_face together_with together_times download_together look_as
        bring_child
    """,
    "its organizer": "original",
    "scripts of direct uploads": """
        direct direct_outcome direct_begin direct_parts direct_part direct_complete
    """,
    "scripts of uploads": """
        admin:photos_photo_known admin:photos_photo_receive admin:photos_photo_progress
        admin:photos_photo_batch
    """,
    "holders of roles": """
        mfa_index mfa_activate_totp mfa_generate_recovery_codes mfa_add_webauthn
    """,
    "holders of a second factor": """
        mfa_reauthenticate mfa_reauthenticate_webauthn mfa_deactivate_totp
        mfa_view_recovery_codes mfa_download_recovery_codes mfa_edit_webauthn mfa_remove_webauthn
    """,
    "desks": """
        admin:index admin:search admin:password_change admin:password_change_done admin:jsi18n
        admin:app_list admin:events_event_changelist admin:photos_photo_changelist
        admin:events_bin
        admin:photos_photo_act admin/events/event/<path:object_id>/
        admin/events/user/<path:object_id>/ admin/photos/photo/<path:object_id>/
    """,
    # Of events in the bin, which this one is not: tests/events/desk/test_bin.py has one that is.
    "desk: nowhere": """
        admin/r/<path:rest> admin:view_on_site admin/(?P<url>.*)$
        admin:events_bin_delete admin:events_bin_restore
    """,
    "desk: nobody": "admin:autocomplete admin:photos_photo_add",
    "desk: makers of events": "admin:events_event_add",
    "desk: superusers": """
        admin:auth_user_password_change admin:events_user_changelist admin:events_user_add
        admin:events_user_history admin:events_user_delete admin:events_user_change
    """,
    "desk: organizers": """
        admin:events_event_change admin:events_event_delete admin:events_event_history
        admin:events_event_close admin:events_event_reopen admin:events_event_cover
        admin:events_event_bin admin:events_event_clocks admin:events_event_clock
        admin:events_event_costs admin:events_event_figures admin:events_event_figures_csv
        admin:events_event_guests_csv admin:events_event_ready admin:events_event_ready_progress
        admin:events_event_face_picture admin:events_event_guests admin:events_event_guest_back
        admin:events_event_guest_removal admin:events_event_guest_role
        admin:events_event_requests admin:events_event_export admin:events_event_export_part
        admin:events_event_export_table admin:events_event_export_file
        admin:events_event_threshold admin:events_event_poster admin:events_event_visibility
        admin:events_event_rematch admin:events_event_qr_code admin:events_event_rotate_code
        admin:events_event_rotate_live_code admin:events_event_inbox admin:events_event_sections
    """,
    "desk: organizers who make events": "admin:events_event_copy",
    "desk: photographers": """
        admin:photos_photo_upload admin:photos_photo_forget_batch admin:photos_photo_picture
        admin:photos_photo_history
    """,
    "desk: photos": "admin:photos_photo_change admin:photos_photo_cull admin:photos_photo_delete",
}


def by_name() -> dict[str, dict[str, str]]:
    """What each role is answered, by the names of addresses."""
    return {name: ANSWERS[kind] for kind, names in WHOSE.items() for name in names.split()}
