"""A QuestionForm that a worker filled in on our own page."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import Engine, assignments, hits, work
from marketplace.engine.states import AssignmentStatus
from marketplace.errors import CannotWork
from marketplace.frames import forms
from marketplace.site.pages import QUESTION, render
from marketplace.site.visits import Visit, go, page

NOT_HELD = "You do not hold this assignment: it was submitted or returned, or its time is up."


def routes(engine: Engine) -> list[Route]:
    """Where the form of a HIT is posted to."""
    return [page(engine, "/frames/forms/{assignment_id}", post=answer)]


def answer(visit: Visit) -> Response:
    """Hand the answers in, or show the form again with what is wrong; raises `CannotWork`."""
    assignment_id = visit.item("assignment_id")
    with visit.engine.act() as tx:
        assignment = assignments.lookup(tx, assignment_id)
        held = assignment is not None and assignment.status is AssignmentStatus.ACCEPTED
        if assignment is None or not held or assignment.worker_id != visit.worker_id:
            raise CannotWork(NOT_HELD)
        hit = hits.lookup(tx, assignment.hit_id)
        assert hit is not None, "an assignment belongs to a HIT"
        result = forms.read_form(hit.question, visit.form, prologue=tx.settings.answer_prologue)
        if result.answer_xml is not None:
            work.hand_in(tx, assignment_id, visit.worker_id, result.answer_xml)
            return go(f"/work/{assignment_id}")
    form = forms.render_form(
        hit.question,
        action=visit.request.url.path,
        form_token=visit.posted("form_token"),
        posted=visit.form,
        errors=result.errors,
    )
    return render(
        visit.request,
        "question_page.html",
        status=422,
        policy=QUESTION,
        title=hit.type.attributes.title,
        deadline=assignment.deadline,
        work_page=f"/work/{assignment_id}",
        form=form,
    )
