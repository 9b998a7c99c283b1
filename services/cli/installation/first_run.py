"""What the first start makes: a file plan in force, the first account, and the key of the command line."""

from pathlib import Path

from services.cli.client import KEY_FILE
from services.core.errors import Misconfigured
from services.core.model.accounts import Right
from services.core.plan import plan_check
from services.core.plan.exchange import forms
from services.runtime.access.credentials import Access
from services.runtime.context.configuration import announce
from services.runtime.operations import instance_folder
from services.runtime.process import Process
from services.settings import Settings

_INSTALLED = Path(__file__).parents[2] / "file-plans"
_CHECKOUT = Path(__file__).parents[3] / "deploy" / "file-plans"
OUR_PLAN = (_INSTALLED if _INSTALLED.exists() else _CHECKOUT) / "musterstadt.json"
FIRST_ACCOUNT = "verwaltung"


def prepare(settings: Settings, process: Process, access: Access, url: str) -> str:
    """Make what is missing, and return the one-time link of the first account, empty where there is one already."""
    _plan(settings, process)
    key_file = settings.storage.folder / KEY_FILE
    if not key_file.exists():
        rights: tuple[Right, ...] = ("deliver", "search", "decide", "administer")
        instance_folder.write_secret(key_file, access.add_key("command-line", rights=rights, all_offices=True))
    if access.everybody.accounts:
        return ""
    token = access.add_account(FIRST_ACCOUNT, rights=("search", "decide", "administer"), all_offices=True)
    return f"{url}/einmal/{token}"


def _plan(settings: Settings, process: Process) -> None:
    if process.configuration.version("plan"):
        return
    file = settings.plan or OUR_PLAN
    try:
        text, faults = forms.read(file.read_bytes())
    except OSError as error:
        raise Misconfigured(f"setting plan: {file} cannot be read") from error
    if faults:
        raise Misconfigured(f"setting plan: {file}:{faults[0].line}: {faults[0].sentence}")
    content = plan_check.compact(text)
    if process.configuration.store("plan", content, base=0):
        announce(process.configuration, "plan", log=process.ports.log, clock=process.ports.clock)
