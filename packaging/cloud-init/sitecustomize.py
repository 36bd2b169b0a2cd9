"""Keeps cloud-init's first stage alive if the user-data is a zip that contains "mime-version:".

cloud-init takes such bytes for a MIME message, decodes them as UTF-8 and crashes before it has set
up the login. Python loads this file by its name, only in cloud-init's units (PYTHONPATH in
onager.conf). Anywhere else it is harmless.
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
except Exception:  # an unknown cloud-init, or none: go on as if this file were not there
    pass
