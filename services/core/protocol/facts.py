"""What the events of a stored stage tell: the same facts, whether its author tells them or the ledger does it again."""

from services.core.messages.events import DocumentClassified, DocumentExtracted, OcrRequested
from services.core.model.record_files import Classification, Extraction, PageRange


def of_extraction(made: Extraction, document: str, revision: int) -> DocumentExtracted:
    """That a reading is there, how complete it is, and what is wrong with it."""
    return DocumentExtracted(
        document=document,
        revision=revision,
        complete=made.complete,
        part_count=len(made.parts),
        problem_code=made.problem,
    )


def of_awaited(pages: PageRange, document: str, revision: int) -> OcrRequested:
    """That a reading waits for pages to be recognised."""
    return OcrRequested(
        document=document,
        revision=revision,
        part=pages.part,
        first_page=pages.first_page,
        last_page=pages.last_page,
        content_key=pages.content_key,
    )


def of_classification(made: Classification, document: str, revision: int) -> DocumentClassified:
    """Where a document belongs or why a clerk must look; file and evidence stay in the record, for who may read it."""
    return DocumentClassified(
        document=document,
        revision=revision,
        plan_version=made.plan_version,
        classifier_version=made.classifier_version,
        outcome=made.outcome,
        candidates=made.candidates,
        reason_code=made.reason,
        certainty=made.certainty,
        office=made.office,
        office_confidence=made.office_confidence,
        kind=made.kind,
        knowledge_version=made.knowledge_version,
    )
