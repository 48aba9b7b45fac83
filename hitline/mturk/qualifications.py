"""Qualifications over MTurk's Requester API: types of our own, and which workers hold them."""

from __future__ import annotations

from hitline.mturk.wire import Wire


class Qualifications:
    """The operations by which HITs are kept for some workers, or from some."""

    _wire: Wire

    def create_qualification_type(self, name: str, description: str) -> str:
        """The id of a new type that nobody can ask for; `AlreadyDone` if we have one of that name.

        A name is the requester's own, of at most 200 characters.
        """
        created = self._wire.ask(
            "CreateQualificationType",
            "QualificationType",
            Name=name,
            Description=description,
            QualificationTypeStatus="Active",
        )
        return str(created["QualificationTypeId"])

    def find_qualification_type(self, name: str) -> str | None:
        """The id of our own type of exactly that name; a new one may be missing for some seconds.

        The endpoint's search is a loose one, so what it finds is compared.
        """
        found = self._wire.pages(
            "ListQualificationTypes",
            "QualificationTypes",
            Query=name,
            MustBeRequestable=False,
            MustBeOwnedByCaller=True,
        )
        for page in found:
            for record in page:
                if record["Name"] == name:
                    return str(record["QualificationTypeId"])
        return None

    def grant_qualification(self, type_id: str, worker_id: str, value: int = 1) -> None:
        """Let the worker hold it, with this value, and do not write to them. Harmless twice."""
        self._wire.call(
            "AssociateQualificationWithWorker",
            QualificationTypeId=type_id,
            WorkerId=worker_id,
            IntegerValue=value,
            SendNotification=False,
        )

    def revoke_qualification(self, type_id: str, worker_id: str, reason: str) -> None:
        """Take it back; the worker may read the reason. `Gone` or `WrongState` if not held."""
        self._wire.call(
            "DisassociateQualificationFromWorker",
            QualificationTypeId=type_id,
            WorkerId=worker_id,
            Reason=reason,
        )

    def holders(self, type_id: str) -> dict[str, int]:
        """Who holds one of our own types, with the value; `Gone` for a type that is not ours."""
        found: dict[str, int] = {}
        for page in self._wire.pages(
            "ListWorkersWithQualificationType",
            "Qualifications",
            QualificationTypeId=type_id,
            Status="Granted",
        ):
            found |= {str(one["WorkerId"]): int(one.get("IntegerValue", 1)) for one in page}
        return found
