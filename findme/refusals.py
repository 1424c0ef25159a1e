"""Why something is refused or fails: stable codes, and the words that people read for them.

Codes stand in rows, in the log and in what scripts are answered. Whoever adds one adds its words
here; `tests/test_codes.py` finds those that nobody uses, and those without words.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PICTURE = {
    "empty": _("This file is empty. Please choose it again."),
    "not_an_image": _("This file is not a picture."),
    "unsupported_format": _(
        "We cannot read this kind of picture. Please save it as a JPEG, and send that."
    ),
    "raw_file": _("This is a RAW file. Export JPEGs from it first, then upload those."),
    "video": _("This is a video. FindMe takes photos only."),
    "truncated": _("The end of this picture is missing. Please send the file again."),
    "too_many_pixels": _(
        "This picture has more pixels than we can handle. Please make it smaller."
    ),
    "too_large": _("This file is too big. Please send a smaller copy."),
    "too_small": _("This picture is tiny. Please send the original, not a thumbnail."),
    "unreadable": _("This picture is damaged and cannot be opened. Please send another copy."),
}
ARCHIVE = {
    "encrypted": _("The archive is protected by a password. Please unpack it first."),
    "bad_archive": _("This ZIP archive is damaged."),
    "nested_archive": _("This is an archive inside an archive. Please unpack it first."),
    "packed_unknown": _(
        "This file is packed in a way we cannot read. Please unpack the archive, and send what is "
        "in it."
    ),
    "entry_bomb": _(
        "This file is packed a hundred times smaller than it is, as no photo is. We did not unpack "
        "it."
    ),
    "empty_archive": _("There is no photo in this archive."),
    "too_many_entries": _("This archive has too many files. Please send it in parts."),
    "archive_bomb": _("This archive is made to unpack to more than it holds. We did not open it."),
    "archive_too_large": _(
        "This archive is too large for the simple form. Please unpack it first, or turn on "
        "JavaScript: your browser then unpacks it by itself."
    ),
}
UPLOAD = {
    "event_closed": _("This event is closed: it takes no more photos."),
    "not_allowed": _("You may no longer add photos to this event."),
    "not_member": _("You are no longer a guest of this event."),
    "quota_reached": _(
        "You have added as many photos as each guest may. Remove one to add another."
    ),
    "consent_changed": _(
        "What you are asked to agree to has changed since this page was opened. Please read it"
        " again; nothing was kept."
    ),
    "no_file": _("Please choose or take a picture first."),
    "not_found": _("There is no such file."),
    "not_readable": _("This cannot be read from the disk. Please check its permissions."),
    "unreadable_here": _("Your browser could not read this file. Was it moved or renamed?"),
    "failed_here": _("The server could not take this file, several times."),
    "broken_off": _("This file did not arrive as a whole. Please send it again."),
    "size_differs": _("This file arrived with another size than announced. Please send it again."),
    "hash_differs": _("This file was changed on its way. Please send it again."),
    "upload_lost": _(
        "This upload was given up before it was complete. Please send the file again."
    ),
    "upload_refused": _("This upload cannot be continued. Please send the file again."),
}
STORE = {
    "store_missing": _(
        "The photo storage is not there: its bucket does not exist. Please tell whoever runs this "
        "site. Photos accepted before are safe."
    ),
    "store_denied": _(
        "The photo storage refuses our credentials: they are wrong, expired or lack a right. "
        "Please tell whoever runs this site. Photos accepted before are safe."
    ),
    "store_region": _(
        "The photo storage is in another region than configured. Please tell whoever runs this "
        "site. Photos accepted before are safe."
    ),
    "store_unreachable": _(
        "The photo storage does not answer. Please try again in a few minutes. Photos accepted "
        "before are safe."
    ),
    "store_busy": _(
        "The photo storage has too much to do now. Please try again in a few minutes. Photos "
        "accepted before are safe."
    ),
    "store_full": _(
        "There is no space left for photos. Please tell whoever runs this site. Photos accepted "
        "before are safe."
    ),
    "store_refused": _(
        "The photo storage refused a request. Please tell whoever runs this site. Photos accepted "
        "before are safe."
    ),
}
STORED = {
    "picture_missing": _("This picture is missing from where it is stored."),
    "picture_damaged": _("This picture is not what was accepted, or did not arrive whole."),
    "another_file": _("Another file has this name there. Please export into an empty folder."),
}
SELFIE = {
    "no_face": _(
        "We cannot find a face in this picture. Look straight into the camera, in good light."
    ),
    "several_faces": _("We see several faces. Which one is yours?"),
    "no_such_face": _("We cannot find that face in the picture. Please tap it once more."),
    "face_too_small": _("The face is too small in this picture. Please come closer."),
    "too_dark": _("The face is too dark. Please turn towards a window or a lamp."),
    "too_bright": _("The face is overexposed. Please step out of the direct light."),
    "blurred": _("This picture is blurred. Hold the phone still, and wipe its lens."),
    "turned_away": _("The face is turned away. Please look straight into the camera."),
    "sunglasses": _("Please take off your sunglasses: we recognize you by your eyes too."),
    "selfie_too_many_pixels": _(
        "This picture has more pixels than we can look at here. Please send a smaller copy, or a "
        "JPEG photo."
    ),
    "too_many_selfies": _("There are five selfies already. Please remove one first."),
    "another_person": _(
        "This does not look like the person of your other selfies. If it is you, take one without "
        "glasses, in good light. To look for somebody else, remove your other selfies first."
    ),
    "prove_first_to_change": _(
        "You removed your selfies, and a new one may be of somebody else. First show that your "
        "e-mail address is yours, by a code that we send to it."
    ),
    "too_many_checks": _(
        "We have looked at ten pictures within an hour. Send the best one, or try again later."
    ),
    "too_many_refused": _(
        "Ten of your pictures could not be used within an hour. Please try again later, in good "
        "light."
    ),
    "too_many_changes": _("You have given five selfies within a day. Please try again tomorrow."),
}
# What is accepted, and of which another would find more.
ADVICE = {
    "masked": _("A selfie without the mask finds more photos."),
    "looks_aside": _("A selfie straight into the camera finds more photos."),
    "weak": _("One more selfie, without glasses and in good light, finds more photos."),
}
INDEX = {
    "index_access_denied": _(
        "The face recognition service refuses our credentials: they are wrong, expired or lack a "
        "right. Please tell whoever runs this site, then try again. Photos stay in General "
        "meanwhile."
    ),
    "index_quota": _(
        "A quota of our account at the face recognition service is used up. Please tell whoever "
        "runs this site, then try again. Photos stay in General meanwhile."
    ),
    "index_not_configured": _(
        "The face recognition service is not set up on this site: a setting is missing. Please "
        "tell whoever runs this site, then try again. Photos stay in General meanwhile."
    ),
    "index_missing": _(
        "The collection of this event’s faces is gone from the face recognition service. Please "
        "tell whoever runs this site: the event has to be indexed anew. Photos stay in General "
        "meanwhile."
    ),
    "index_error": _(
        "The face recognition service refused a request. Please tell whoever runs this site, then "
        "try again. Photos stay in General meanwhile."
    ),
    "refused_by_index": _(
        "The face recognition service cannot use this picture, so nobody is found in it. It stays "
        "in General."
    ),
}
SCAN = {
    "original_missing": _("The file of this photo is missing from the photo storage."),
    "internal_error": _("Something went wrong on our side, more than once. We kept the photo."),
}
# Which of the two it is, the log says; people are not told whether there is such an event.
_NO_INVITATION = _(
    "The link may be incomplete, or the organizer has replaced it by a new one. Please scan the QR "
    "code again, or type its code."
)
CHILD = {
    "child_needs_proof": _(
        "Please prove your e-mail address first: then nobody can speak for a child in your name."
    ),
    "too_many_children": _("You look for six children already. Remove one first."),
    "child_removed_here": _(
        "An organizer removed this child from the event. Please ask the person who invited you."
    ),
}
JOINING = {
    "wrong_code": _("No event has this code. Please check it letter by letter."),
    "wrong_link": _NO_INVITATION,
    "join_unknown": _NO_INVITATION,
    "join_closed": _("Nobody can join it any more. Please ask the person who invited you."),
    "join_ended": _(
        "Guests could join until a date that has passed. Please ask the person who invited you."
    ),
    "excluded": _(
        "Its organizer has removed you. If you think that is a mistake, please ask them to let you "
        "back in."
    ),
}
_NO_NOTICE = _(
    "It may be too old, or not whole. Your photos are still there: sign in with your e-mail "
    "address."
)
NOTICE_LINK = {
    "link_invalid": _NO_NOTICE,
    "link_of_nobody": _NO_NOTICE,
    "link_used": _(
        "Each link works once, and only the newest; or you have asked for no more of these "
        "e-mails. Your photos are still there: sign in with a code, which we send to your address."
    ),
    "link_of_desk": _(
        "You have a role in an event, and so always sign in with a code, which we send to your "
        "address."
    ),
    "link_of_another": _(
        "Another guest is signed in on this device. Sign out first, then open the link again."
    ),
}
REQUEST = {
    "signed_out": _("You are signed out."),
    "prove_first": _(
        "Please confirm your address first: we send you a code, and you go on where you were."
    ),
    "too_many": _("That was very often in a short time. Please try again later."),
    "too_many_codes": _(
        "Many wrong codes came from your network. Please scan the QR code again: the right code "
        "always works."
    ),
    "many_joining": _("Very many guests are joining at this moment. Please try again in a minute."),
    "mailbox_full": _(
        "We have written to this address often today. Please look into its mailbox, also among the "
        "spam, or try again tomorrow."
    ),
    "busy_looking": _("We are looking at other pictures just now. Please try again in a moment."),
    "body_too_large": _("This was more than this page takes. Nothing of it was kept."),
    "too_much_at_once": _(
        "These were too many photos at once, and none was kept. Please send fewer at a time."
    ),
    "length_missing": _(
        "Your browser did not say how much it sends, so nothing was taken. Please try again, or "
        "use another browser."
    ),
    "too_many_passwords": _(
        "There were too many wrong passwords. Please wait five minutes, or get a code by e-mail."
    ),
    "unknown_event": _("This event does not exist any more."),
    "bad_request": _("Our page sent something we do not understand. Please load it again."),
    "busy": _("Many guests are downloading at this moment. Please try again in a minute."),
    "export_busy": _(
        "Several archives are being sent just now. Please try again in a minute, or when one of "
        "them has arrived."
    ),
    "database_away": _(
        "The site cannot reach its database just now. Please try again in a minute."
    ),
}
SECTION = {
    "section_without_name": _("Please give the section a name."),
    "section_name_too_long": _("Please choose a name of at most 60 characters."),
    "section_name_taken": _("There is a section of that name already."),
    "photo_gone": _("This photo is not there any more. Please go back to the list."),
    "section_gone": _("This section is not there any more. Please load the page again."),
    "too_many_sections": _("There are 40 sections already: more would be no order."),
}
READY = {
    "ready_no_photos": _("There are no photos yet that guests see."),
    "ready_nobody_joined": _("Nobody has joined yet, so there is nobody to write to."),
    "ready_all_left_out": _("None of those who joined gets this letter."),
    "ready_told_before": _("The guests were told before; it is done once."),
}
CLOCK = {
    "no_amount": _("Please say how far the clock was off: one second at least."),
    "same_time": _("That is the time the photo has already."),
    "amount_too_large": _("That is more than 50 years. Please look again."),
    "out_of_range": _("The photos would then lie outside the years 1990 to 2100."),
    "no_photo_chosen": _("Please choose one of the photos."),
    "no_photos": _("These photos are no longer there."),
    "shifted_meanwhile": _(
        "Times were changed since you looked. Please look again what would become of them."
    ),
    "undone_already": _("That was taken back already."),
}
WORDS = {
    **PICTURE,
    **ARCHIVE,
    **UPLOAD,
    **READY,
    **STORE,
    **STORED,
    **SELFIE,
    **ADVICE,
    **INDEX,
    **SCAN,
    **CHILD,
    **SECTION,
    **JOINING,
    **NOTICE_LINK,
    **REQUEST,
    **CLOCK,
}

# Stands for a code in an old row that no source knows any more: no reader is shown a code.
UNKNOWN = _("Something went wrong on our side.")


class Refusal(Exception):
    """`code` is a key of `WORDS`. Subclasses say whose fault it is, and so what is done next."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def words(self) -> str:
        return words_of(self.code)


class Later(Refusal):
    """Nobody's fault, and over by itself in so many seconds. Where nobody catches it,
    `findme.http.LaterAnswered` answers it, with its status of HTTP."""

    status = 503
    seconds = 60


def words_of(code: str) -> str:
    """What people read, in the language of the moment."""
    return str(WORDS.get(code, UNKNOWN))


def code_and_reason(code: str) -> dict[str, str]:
    """The one shape in which scripts and lists are given a refusal."""
    return {"code": code, "reason": words_of(code)}
