"""A HIT's question as a part of the page on which a worker works."""

from __future__ import annotations

from markupsafe import Markup

from marketplace.engine.model import Hit
from marketplace.frames import addresses, form_xml, forms
from marketplace.frames.question import ExternalQuestion, page_of, parse
from marketplace.frames.rewriting import ASSETS
from marketplace.settings import Settings

# Without allow-same-origin the page is nobody: no cookie, no storage, no other frame is its own.
# Links to surveys and the like open in a window of their own, free of the sandbox: such a site
# needs its cookies. None of the allow-top-navigation flags: no page leads the worker away from us.
NOBODY = (
    "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals "
    "allow-downloads allow-pointer-lock allow-presentation"
)
FOREIGN = f"{NOBODY} allow-same-origin"
TALLEST = 20_000  # pixels
UNTIL_KNOWN = 600  # pixels, for a frame that is to fit

FRAME = Markup(
    '<link rel="stylesheet" href="{assets}/work-frame.css">'
    '<iframe class="work-frame" id="question" title="{title}" src="{source}" sandbox="{sandbox}" '
    'allow="autoplay; fullscreen; encrypted-media" height="{height}" data-fit="{fit}"></iframe>'
    '<script src="{assets}/work-frame.js" defer></script>'
)


def work_frame(
    hit: Hit,
    *,
    assignment_id: str | None,
    worker_id: str | None,
    settings: Settings,
    submit_base: str,
    form_token: str = "",
) -> Markup:
    """The question: a frame with the requester's page in it, or a QuestionForm as a form of ours.

    Without an assignment it is a preview. `submit_base` is scheme://host of the request, used where
    `settings.public_url` is not set. `form_token` is the session's, for a QuestionForm.
    """
    base = (settings.public_url or submit_base).rstrip("/")
    root = parse(hit.question)
    page = page_of(root)
    if page is None:
        return forms.render(
            form_xml.form_of(root),
            action=f"/frames/forms/{assignment_id}" if assignment_id else None,
            form_token=form_token,
        )
    query = addresses.told(
        assignment_id=assignment_id, hit_id=hit.hit_id, worker_id=worker_id, submit_to=base
    )
    if assignment_id is not None:
        source = f"/frames/work/{assignment_id}"
    elif isinstance(page, ExternalQuestion):
        source = addresses.appended(page.url, query)
    else:
        source = f"/frames/preview/{hit.hit_id}?{query}"
    external = isinstance(page, ExternalQuestion)
    shared = isinstance(page, ExternalQuestion) and addresses.is_ours(page.url, submit_base)
    return FRAME.format(
        assets=ASSETS,
        title=f"Task: {hit.type.attributes.title}",
        source=source,
        sandbox=FOREIGN if external and not shared else NOBODY,
        height=min(page.frame_height, TALLEST) if page.frame_height > 0 else UNTIL_KNOWN,
        fit="no" if page.frame_height > 0 else "window" if external else "page",
    )
