"""What a question's form asks for, and what a browser would post of it."""

from __future__ import annotations

from marketplace.crowd.forms.model import Answer, Box, Form, FormField, Kind
from marketplace.crowd.forms.reading import form_of

__all__ = ["Answer", "Box", "Form", "FormField", "Kind", "form_of"]
