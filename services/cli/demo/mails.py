"""Letters of the demo as mails, written as mail programs write them."""

from datetime import UTC, date, datetime, time, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from services.cli.demo.enclosures import docx, pdf
from services.cli.demo.invoices import xrechnung
from services.cli.demo.letters import TOWN, Enclosure, Letter, Person, people

PASSWORD = "Rosenhang"  # noqa: S105  # of an invented letter, which nobody is to open
_WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document"


def mail(letter: Letter, *, day: date, minute: int) -> bytes:
    """The mail as it goes over the wire; the same letter, day and minute give the same bytes."""
    sender = people()[letter.sender]
    message = _message(sender, letter.subject, _body(letter, sender))
    message["To"] = f"{letter.to}@{TOWN}"
    message["Date"] = format_datetime(_written(day, minute))
    message["Message-ID"] = f"<{day.isoformat()}.{letter.again or letter.id}@{_domain(sender)}>"
    if letter.automatic:
        message["Auto-Submitted"] = "auto-replied"
    if letter.html:
        message.add_alternative(_as_page(letter), subtype="html")
    for enclosure in letter.files:
        _attach(message, enclosure, sender, day)
    for number, part in enumerate(one for one in message.walk() if one.is_multipart()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{letter.again or letter.id}_{number}")
    return message.as_bytes(policy=SMTP)


def _written(day: date, minute: int) -> datetime:
    """In the afternoon before: whenever the demo is started, nobody has written in the future."""
    return datetime.combine(day - timedelta(days=1), time(13, 30), UTC) + timedelta(minutes=minute)


def _message(sender: Person, subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address(sender.name, addr_spec=sender.mail)
    message["Subject"] = subject
    message.set_content(body, cte="quoted-printable")
    return message


def _body(letter: Letter, sender: Person) -> str:
    if letter.html:
        return letter.text.strip()
    place = f"{sender.street}, 12345 Musterstadt"
    greeting = "Sehr geehrte Damen und Herren,"
    return f"{greeting}\n\n{letter.text.strip()}\n\nMit freundlichen Grüßen\n{sender.name}\n{place}\nTel. 0123 4567-80"


def _as_page(letter: Letter) -> str:
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in letter.text.strip().split("\n\n"))
    return (
        '<html><body style="font-family:sans-serif"><table width="600"><tr><td bgcolor="#e8f0e4">'
        f"<h1>{escape(letter.subject)}</h1></td></tr><tr><td>{paragraphs}"
        '<p><a href="https://rundblick.example/abmelden">Abmelden</a></p></td></tr></table></body></html>'
    )


def _attach(message: EmailMessage, enclosure: Enclosure, sender: Person, day: date) -> None:
    name = enclosure.name
    if enclosure.invoice:
        content = xrechnung(enclosure.invoice, sender, day=day)
        message.add_attachment(content, maintype="application", subtype="xml", filename=name)
        return
    if name.endswith(".eml"):
        message.add_attachment(_enclosed(enclosure), filename=name)
    elif name.endswith(".docx"):
        message.add_attachment(docx(enclosure.text), maintype="application", subtype=_WORD, filename=name)
    else:
        content = pdf(enclosure.text, password=PASSWORD if enclosure.password else "")
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)


def _enclosed(enclosure: Enclosure) -> EmailMessage:
    sender = people()[enclosure.sender]
    message = _message(sender, enclosure.subject, enclosure.text.strip())
    content = pdf(enclosure.attached_text)
    message.add_attachment(content, maintype="application", subtype="pdf", filename=enclosure.attached)
    return message


def _domain(sender: Person) -> str:
    return sender.mail.partition("@")[2]
