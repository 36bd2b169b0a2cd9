"""Keeps cloud-init's first stage alive where the user-data is a zip in which the words "mime-version:" can be read.

cloud-init takes such bytes for a MIME message, decodes them as UTF-8 and dies, and with it whatever sets up the login.
Python loads this file by its name, in cloud-init's units only (PYTHONPATH in onager.conf), and it is harmless anywhere else.
"""


def _guard():
    from email.mime.base import MIMEBase

    from cloudinit import user_data

    convert = user_data.convert_string

    def convert_string(raw_data, *rest, **named):
        try:
            return convert(raw_data, *rest, **named)
        except UnicodeDecodeError:
            message = MIMEBase("text", "x-not-multipart")
            message.set_payload(raw_data)
            return message

    user_data.convert_string = convert_string


try:
    _guard()
except Exception:  # another cloud-init than we know, or none: it goes on as if we were not there
    pass
