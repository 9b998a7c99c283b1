"""The pages of filing: the workbench, the file plan, and the files."""

from pathlib import Path

from fastapi import APIRouter

from services.filing.file_pages import file_pages
from services.filing.plan.pages import plan_pages
from services.filing.plan.version_pages import version_pages
from services.filing.titles.title_pages import title_pages
from services.filing.workbench.arranging_pages import arranging_pages
from services.filing.workbench.pages import workbench_pages
from services.runtime.context.service import Context

TEMPLATES = Path(__file__).parent / "templates"


def pages(context: Context) -> APIRouter:
    """Those of the workbench, of a scan's pages, of the plan and its versions, of files and of titles."""
    router = APIRouter()
    router.include_router(arranging_pages(context, TEMPLATES))
    router.include_router(workbench_pages(context, TEMPLATES))
    router.include_router(plan_pages(context, TEMPLATES))
    router.include_router(version_pages(context, TEMPLATES))
    router.include_router(file_pages(context, TEMPLATES))
    router.include_router(title_pages(context, TEMPLATES))
    return router
