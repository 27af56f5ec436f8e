"""The root of the errors that a user can mend."""


class AmendsError(Exception):
    """An error whose message says what was expected, what was found and what to do.

    The command line prints it as one line; anything else is a defect and shows its traceback.
    """
