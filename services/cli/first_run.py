"""What the first start makes: a file plan in force, the first account, and the key of the command line."""

import json
from pathlib import Path

from services.cli.client import KEY_FILE
from services.core import plan_check
from services.core.accounts import Right
from services.core.errors import Misconfigured
from services.runtime import instance_folder
from services.runtime.access import Access
from services.runtime.configuration import announce
from services.runtime.lifecycle import House
from services.settings import Settings

OUR_PLAN = Path(__file__).parents[2] / "deploy" / "file-plans" / "musterstadt-klein.json"
FIRST_ACCOUNT = "verwaltung"


def prepare(settings: Settings, house: House, access: Access, url: str) -> str:
    """Make what is missing, and return the one-time link of the first account, empty where there is one already."""
    _plan(settings, house)
    key_file = settings.storage.folder / KEY_FILE
    if not key_file.exists():
        rights: tuple[Right, ...] = ("deliver", "search", "decide", "administer")
        instance_folder.write_secret(key_file, access.add_key("command-line", rights=rights, all_offices=True))
    if access.everybody.accounts:
        return ""
    token = access.add_account(FIRST_ACCOUNT, rights=("search", "decide", "administer"), all_offices=True)
    return f"{url}/einmal/{token}"


def _plan(settings: Settings, house: House) -> None:
    if house.configuration.version("plan"):
        return
    file = settings.plan or OUR_PLAN
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"setting plan: {file} cannot be read") from error
    faults = plan_check.faults_of(text)
    if faults:
        raise Misconfigured(f"setting plan: {file}:{faults[0].line}: {faults[0].sentence}")
    # Without the spaces for people: the stored version is read by every process.
    content = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode()
    if house.configuration.store("plan", content, base=0):
        announce(house.configuration, "plan", log=house.ports.log, clock=house.ports.clock)
