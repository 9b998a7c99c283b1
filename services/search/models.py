"""The shapes of the search service's answers, as `schemas/http` exports them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.core.ports.entries import FacetName, Facets, Hit, Hits
from services.core.vocabulary import HIGHEST_PROTECTION
from services.search.asking import Found, Step

LIMIT = 100


class SearchRequest(BaseModel):
    """What is searched for: the line as typed, filters such as `status:held`, order and page."""

    q: str = Field("", max_length=4000)
    filter: list[str] = Field([], max_length=50)
    sort: Literal["relevance", "newest", "oldest"] = "relevance"
    facets: bool = False
    """Whether the answer counts its hits by office, position, kind, channel, year, sender, state and problem."""
    exact: bool = False
    """Only what has all of the words exactly as they are written."""
    cursor: str = Field("", max_length=8192)
    limit: int = Field(20, ge=1, le=LIMIT)


class SnippetOut(BaseModel):
    """A piece of text; `marks` are the found words in it, in characters from start to end."""

    field: str
    text: str
    marks: list[tuple[int, int]]


class HitOut(BaseModel):
    """A found document."""

    document: str
    version: int
    state: str
    complete: bool
    title: str
    sender: str
    channel: str
    received_at: datetime | None
    problems: list[str]
    reason: str
    files: list[str]
    cases: list[str]
    """Signs of the Vorgänge of these files that it lies in, such as `52.10.02/17-2026#3`."""
    offices: list[str]
    protection: int
    """The level of protection that it needs."""
    snippets: list[SnippetOut]
    """None of a document of level 3: whoever reads it opens it, which is put down in the audit log."""
    without: list[str] = []
    """Words of the question that it lacks; only in the steps `most` and `any`."""


class FacetOut(BaseModel):
    """How many of all hits have a value."""

    value: str
    count: int


class HitPage(BaseModel):
    """One page of hits; `total` counts what the caller may see."""

    items: list[HitOut]
    total: int
    next: str
    step: Step = "all"
    """How much of the words was asked for in the end: `exact` as the caller wanted; `all` of them in any form; `most`
    of them, hits with all first, where too few have all; `any` one of them, where even that finds nothing; `meaning`
    none of them: the documents nearest in meaning, where nothing has a word."""
    by_meaning: bool = False
    """Whether the order rests on what question and documents mean as well, and not on words alone."""
    suggestion: str = ""
    """The line as it may have been meant, where a word stands nowhere and one nearly like it does."""
    facets: dict[FacetName, list[FacetOut]] = {}
    """Where asked for: hits by value, the most frequent first, at most 200 each; a position counts for those above."""


def page_of(hits: Hits) -> HitPage:
    """Hits as they are answered."""
    return HitPage(items=[hit_out(hit) for hit in hits.items], total=hits.total, next=hits.next)


def answer_of(found: Found, facets: Facets) -> HitPage:
    """Hits with how they were found and how they spread."""
    page = page_of(found.hits)
    spread = {name: [FacetOut(value=one.value, count=one.count) for one in values] for name, values in facets.items()}
    return page.model_copy(
        update={
            "step": found.step,
            "by_meaning": found.by_meaning,
            "suggestion": found.suggestion,
            "facets": spread,
        }
    )


def hit_out(hit: Hit) -> HitOut:
    """A hit as it is answered."""
    return HitOut(
        document=hit.document,
        version=hit.version,
        state=hit.state,
        complete=hit.complete,
        title=hit.title,
        sender=hit.sender,
        channel=hit.channel,
        received_at=hit.received_at,
        problems=list(hit.problems),
        reason=hit.reason,
        files=list(hit.files),
        cases=list(hit.cases),
        offices=list(hit.offices),
        protection=hit.protection,
        # Whoever wants to read the words of a protected document opens it, and that is put down in the audit log.
        snippets=[SnippetOut(field=s.field, text=s.text, marks=list(s.marks)) for s in hit.snippets]
        if hit.protection < HIGHEST_PROTECTION
        else [],
        without=list(hit.without),
    )
