"""Checks, of which a schema is put together.

A check is a function that takes what `Document` has somewhere, and returns what `Config` has there
or raises `vol.Invalid`. No message quotes what was written, which may be a secret.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import voluptuous as vol

from ..errors import InvalidContentError
from .values import Kind

type Check = Callable[[Any], Any]

# No known key is half as long, and comparing takes long for long ones.
_MAX_KEY: Final = 40


def section(
    build: Callable[..., object],
    *,
    required: Mapping[str, Check] | None = None,
    optional: Mapping[str, Check],
    one_of: tuple[str, ...] = (),
) -> Check:
    """Return a check for a mapping, of which something is built; a key without a value is none.

    Of the optional keys in `one_of` there has to be exactly one.
    """
    required = required or {}
    known = (*required, *optional)
    schema = vol.Schema(
        {
            **{vol.Required(key, msg="is missing"): check for key, check in required.items()},
            **{vol.Optional(key): check for key, check in optional.items()},
            _unknown(known): object,
        }
    )

    def check(value: Any) -> object:
        if not isinstance(value, dict):
            raise vol.Invalid("expected keys with values")
        given = {key: one for key, one in value.items() if one is not None or key not in known}
        errors: list[vol.Invalid] = []
        if one_of and sum(key in given for key in one_of) != 1:
            errors.append(vol.Invalid(f"expected exactly one of {', '.join(one_of)}"))
        try:
            given = schema(given)
        except vol.MultipleInvalid as error:
            errors += error.errors
        if errors:
            raise vol.MultipleInvalid(errors)
        return build(**given)

    return check


def _unknown(known: tuple[str, ...]) -> Check:
    """Return a check for keys that is asked where none of the known ones fits."""

    def check(key: str) -> None:
        near = get_close_matches(key[:_MAX_KEY], known, n=1)
        raise vol.Invalid(
            f"there is no such key; did you mean {near[0]}?"
            if near
            else f"there is no such key; there are {', '.join(known)}"
        )

    return check


def each(check: Check, unique: tuple[str, ...] = ()) -> Check:
    """Return a check for a list, which finds all errors in it, not only the first.

    `unique` are attributes in which the items have to differ, once nothing else is wrong with them.
    """
    schema = vol.Schema(check)

    def check_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise vol.Invalid("expected a list")
        items: dict[int, Any] = {}
        errors: list[vol.Invalid] = []
        for number, item in enumerate(value):
            try:
                items[number] = schema(item)
            except vol.MultipleInvalid as error:
                error.prepend([number])
                errors += error.errors
        for attribute in unique:
            errors += _repeated(items, attribute)
        if errors:
            raise vol.MultipleInvalid(errors)
        return tuple(items.values())

    return check_all


def _repeated(items: Mapping[int, Any], attribute: str) -> list[vol.Invalid]:
    """Return an error for each item that has an attribute of one before it."""
    first: dict[str, int] = {}
    return [
        vol.Invalid(f"[{earlier}] has the same; each needs its own", [number, attribute])
        for number, item in items.items()
        if (earlier := first.setdefault(getattr(item, attribute), number)) != number
    ]


def text(read: Callable[[str], object], expected: str) -> Check:
    """Return a check for a text; `read` makes a value of it, or None if it is not as expected."""

    def check(value: Any) -> object:
        result = read(value) if isinstance(value, str) else None
        if result is None:
            raise vol.Invalid(f"expected {expected}")
        return result

    return check


def parsed(parse: Callable[[str], object]) -> Check:
    """Return a check for a text that `parse` takes, or says in its own words what it would."""

    def check(value: Any) -> object:
        try:
            return parse(value if isinstance(value, str) else "")
        except InvalidContentError as error:
            raise vol.Invalid(str(error)) from None

    return check


def fitting(fits: Callable[[str], object], expected: str) -> Check:
    """Return a check for a text that is taken as it is if it fits."""
    return text(lambda written: written if fits(written) else None, expected)


def of_kind(kind: Kind) -> Check:
    """Return a check for a text that stands for something."""
    return text(kind.read, kind.expected)
