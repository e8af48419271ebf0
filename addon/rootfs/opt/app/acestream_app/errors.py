"""What the app raises on purpose."""


class AppError(Exception):
    """The app cannot run like this; the text is a sentence for the user."""
