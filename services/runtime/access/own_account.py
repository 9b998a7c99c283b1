"""What people change about their own account: the password, the keys of the desk, and where else they are signed in."""

from msgspec.structs import replace

from services.core.catalogue import Language
from services.core.errors import Rejected
from services.core.model.accounts import Account
from services.runtime.access.credentials import MIN_PASSWORD, Access
from services.runtime.access.proofs import passwords


def account_of(access: Access, account_id: str) -> Account:
    """The account of a person; Rejected `not_found` for a machine, which has none."""
    found = next((one for one in access.everybody.accounts if one.id == account_id), None)
    if found is None:
        raise Rejected("not_found")
    return found


def keys_are_off(access: Access, account_id: str) -> bool:
    """Whether single keys do nothing on this person's pages (WCAG 2.1.4)."""
    return any(one.keys_off for one in access.everybody.accounts if one.id == account_id)


def language_of(access: Access, account_id: str) -> Language:
    """The language of this person's pages; German for a machine, which has none."""
    return next((one.language for one in access.everybody.accounts if one.id == account_id), "de")


def change_password(access: Access, account_id: str, former: str, password: str) -> str:
    """Set another password and end every session; the cookie of a new one.

    Rejected `wrong_password` for another than the former one, `weak_password`, `stale` where the account was reset
    meanwhile: what an administrator ended stays ended.
    """
    before = account_of(access, account_id)
    access.sign_in(before.name, former)
    if len(password) < MIN_PASSWORD:
        raise Rejected("weak_password")
    hashed = passwords.hashed(password)

    def change(old: Account) -> Account:
        if old.password_hash != before.password_hash:
            raise Rejected("stale")
        return replace(old, password_hash=hashed, generation=old.generation + 1)

    access.change_account(before.name, change)
    return access.session_of(account_of(access, account_id))


def sign_out_elsewhere(access: Access, account_id: str) -> str:
    """End every session of the account, wherever it is; the cookie of a new one."""
    name = account_of(access, account_id).name
    access.change_account(name, lambda old: replace(old, generation=old.generation + 1))
    return access.session_of(account_of(access, account_id))


def switch_keys(access: Access, account_id: str, *, off: bool) -> None:
    """Let single keys do nothing, or do their work again, wherever this person is signed in."""
    account = account_of(access, account_id)
    if account.keys_off != off:
        access.change_account(account.name, lambda old: replace(old, keys_off=off))


def switch_language(access: Access, account_id: str, language: Language) -> None:
    """Show the pages in this language, wherever this person is signed in."""
    account = account_of(access, account_id)
    if account.language != language:
        access.change_account(account.name, lambda old: replace(old, language=language))
