"""Where pictures' bytes live: in the columns of their row, or in a bucket.

Each row says where its own bytes are (`models.StoredPictures`); the setting `MEDIA_STORE` only says
where new ones go. So rows can be moved one by one while galleries are served all the while.
"""
