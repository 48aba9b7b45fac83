"""What people say of themselves in a form, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.engine import passwords, people
from marketplace.site.visits import Visit


@dataclass(frozen=True)
class Form:
    """The fields as they were typed, and by field what is wrong."""

    fields: Mapping[str, Any]
    errors: dict[str, str]

    def get(self, name: str) -> str:
        return str(self.fields.get(name) or "")


def person(visit: Visit) -> Form:
    """Name, email, country, subdivision and consent."""
    fields: dict[str, Any] = {
        "email": visit.posted("email"),
        "name": visit.posted("name"),
        "country": visit.posted("country").upper() or None,
        "subdivision": visit.posted("subdivision").upper() or None,
        "adult": visit.posted("adult") == "yes",
    }
    errors = {}
    email = fields["email"]
    if len(email) > people.LONGEST_EMAIL or not people.EMAIL.fullmatch(email):
        errors["email"] = "Write an email address, such as ann@example.org."
    if not 1 <= len(fields["name"]) <= people.LONGEST_NAME or not fields["name"].isprintable():
        errors["name"] = f"Write a name of 1 to {people.LONGEST_NAME} characters."
    if fields["country"] and not people.COUNTRY.fullmatch(fields["country"]):
        errors["country"] = "Write the two letters of your country, such as DE or US."
    if fields["subdivision"] and not people.SUBDIVISION.fullmatch(fields["subdivision"]):
        errors["subdivision"] = "Write the two characters of your state or region, such as CA."
    elif fields["subdivision"] and not fields["country"]:
        errors["country"] = "Write your country too."
    return Form(fields, errors)


def new_password(visit: Visit, errors: dict[str, str]) -> str:
    """A password that somebody chose; adds to the errors what is wrong with it."""
    # Not stripped: a blank at the end is a character like any other.
    chosen = visit.form.get("password", ("",))[0]
    fault = passwords.weakness(chosen)
    if fault is not None:
        errors["password"] = fault
    return chosen
