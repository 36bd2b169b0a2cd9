"""Tells cloud-init that Onager's user-data is handled; otherwise its status would be "degraded"."""


def list_types():
    return ["text/x-not-multipart", "application/zip", "text/x-onager"]


def handle_part(_data, _content_type, _filename, _payload):
    """Onager's agent reads the user-data itself."""
