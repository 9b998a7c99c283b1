"""Driving a page as somebody does who has no mouse: Tab, Enter, and what is focused."""

import time
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.remote.webelement import WebElement

MOST_TABS = 90
PATIENCE_SECONDS = 90

_MARK = """
window.usable = {};
const places = "a[href], button, input:not([type=hidden]), select, textarea, summary";
const groups = new Set();
for (const one of document.querySelectorAll(places)) {
  if (!one.checkVisibility({visibilityProperty: true}) || one.disabled) continue;
  window.usable[one.dataset.usable = Object.keys(window.usable).length] = one;
}
document.activeElement.blur();
window.getSelection().removeAllRanges();
"""
_CHOICES = """
const at = document.activeElement;
return at.type === "radio" ? document.querySelectorAll(`input[type=radio][name="${at.name}"]`).length : 1;
"""
_FOCUS = """
const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
return [one.dataset.usable ?? "", one === document.body || (style.outlineStyle !== "none" && inside)];
"""
_NAME = "return window.usable[arguments[0]]?.outerHTML.slice(0, 160) ?? 'what has no number'"
_BORDERLESS = """
const fields = "main input:not([type=hidden]):not([type=checkbox]), main select";
const all = document.querySelectorAll(`main button:not(.plain), main .button, ${fields}`);
return [...all].filter((one) => one.checkVisibility() && getComputedStyle(one).borderStyle === "none")
  .map((one) => one.outerHTML.slice(0, 160));
"""


class Keyboard:
    """Keys go to the focused element; nothing is ever clicked."""

    def __init__(self, chromium: Chrome) -> None:
        self._chromium = chromium

    @property
    def focused(self) -> WebElement:
        """The element that has the focus."""
        return self._chromium.switch_to.active_element

    @property
    def text(self) -> str:
        """What the page shows."""
        return str(self._chromium.execute_script("return document.body.innerText"))

    @property
    def address(self) -> str:
        """The path that is shown."""
        return str(self._chromium.current_url)

    def open(self, address: str) -> None:
        """Type an address."""
        self._chromium.get(address)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        chain = ActionChains(self._chromium)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def press_with(self, held: str, key: str) -> None:
        """Press a key while another one is held."""
        ActionChains(self._chromium).key_down(held).send_keys(key).key_up(held).perform()

    def go_to(self, label: str) -> None:
        """Press Tab until the element with this label is focused; AssertionError where it is never reached."""
        passed = []
        for _ in range(MOST_TABS):
            self.press(Keys.TAB)
            name = self.focused.accessible_name
            if name == label:
                assert self._outline() != "none", f"{label} is focused and does not show it"
                return
            passed.append(name)
        raise AssertionError(f"{label} is not reached by Tab, only {passed}")

    def write_here(self, text: str) -> None:
        """Fill in the field that a page puts the focus on by itself."""
        self.wait_for(lambda: self.focused.tag_name == "input", "a focused field")
        self.press(text)

    def write(self, label: str, text: str) -> None:
        """Fill in the field with this label."""
        self.go_to(label)
        self.press(text)

    def enter(self, label: str, expect: str) -> None:
        """Press Enter on a link or button, and wait for the page that shows this text."""
        self.go_to(label)
        self.press(Keys.ENTER)
        self.wait_for(lambda: expect in self.text, expect)

    def set_first_password(self, link: str, password: str) -> None:
        """Use the link of a new account, and be signed in."""
        self.open(link)
        self.write_here(password)
        self.write("Kennwort wiederholen", password)
        self.enter("Kennwort setzen und anmelden", "Das Kennwort ist gesetzt.")

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        """Until something holds; AssertionError after a while."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < until, f"{what!r} did not come; there is: {self.text[:600]}"
            time.sleep(0.05)

    def width(self, pixels: int, height: int = 900) -> None:
        """Make the view this wide, as a phone or a magnified page is."""
        metrics = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def height(self) -> int:
        """Pixels of the whole page, seen from its top."""
        script = "window.scrollTo(0, 0); return document.documentElement.scrollHeight"
        return int(self._chromium.execute_script(script))

    def overflow(self) -> int:
        """Pixels by which the page is wider than the view."""
        script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self._chromium.execute_script(script))

    def is_in_view(self, selector: str) -> bool:
        """Whether the first element that matches is wholly seen without scrolling."""
        script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
        script += "return box.top >= 0 && box.bottom <= window.innerHeight && box.height > 0"
        return bool(self._chromium.execute_script(script, selector))

    def is_shown(self, selector: str) -> bool:
        """Whether there is such an element, and it is displayed."""
        script = "return [...document.querySelectorAll(arguments[0])].some((one) => one.checkVisibility())"
        return bool(self._chromium.execute_script(script, selector))

    def there_are(self, selector: str) -> bool:
        """Whether there is such an element, displayed or not."""
        return bool(self._chromium.execute_script("return document.querySelector(arguments[0]) !== null", selector))

    def counted(self, selector: str) -> int:
        """The number that an element begins with, shown or not; 0 where it begins with a word."""
        script = "return parseInt(document.querySelector(arguments[0])?.textContent) || 0"
        return int(self._chromium.execute_script(script, selector))

    def follow(self, selector: str) -> None:
        """Open where the first such link leads."""
        script = "return document.querySelector(arguments[0]).href"
        self.open(str(self._chromium.execute_script(script, selector)))

    def unreached(self) -> list[str]:
        """What can be used and is not reached by Tab, or has the focus and does not show it."""
        self._chromium.execute_script(_MARK)
        wanted = set(self._chromium.execute_script("return Object.keys(window.usable)"))
        unseen = []
        for _ in range(len(wanted) * 3 + 20):  # the field of a date has several stops
            if not wanted:
                break
            self.press(Keys.TAB)
            choices = self._chromium.execute_script(_CHOICES)
            for _ in range(choices):
                number, seen = self._chromium.execute_script(_FOCUS)
                wanted.discard(number)
                unseen += [] if seen else [number]
                if choices > 1:  # one stop for Tab: arrows lead through them, and back to where it was
                    self.press(Keys.ARROW_DOWN)
        return [str(self._chromium.execute_script(_NAME, one)) for one in [*wanted, *unseen]]

    def show(self, selector: str) -> None:
        """Bring an element into view, as whoever reads on does."""
        self._chromium.execute_script("document.querySelector(arguments[0]).scrollIntoView()", selector)

    def forced_colours(self) -> None:
        """As a system shows pages whose user has chosen a scheme of high contrast."""
        features = [{"name": "forced-colors", "value": "active"}]
        self._chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def without_border(self) -> list[str]:
        """Buttons and fields that nothing sets apart from what lies around them."""
        return [str(one) for one in self._chromium.execute_script(_BORDERLESS)]

    def without_scripts(self) -> None:
        """Pages that are opened from now on run nothing of theirs."""
        self._chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    def complaints(self) -> list[str]:
        """What the browser itself complains about: refused styles and scripts above all."""
        return [str(entry["message"]) for entry in self._chromium.get_log("browser")]  # type: ignore[no-untyped-call]

    def pictures_are_there(self) -> bool:
        """Whether the page has pictures in its text, and every one is drawn."""
        script = "const all = [...document.querySelectorAll('main img')];"
        script += "return all.length > 0 && all.every(one => one.complete && one.naturalWidth > 0)"
        return bool(self._chromium.execute_script(script))

    def picture(self, file: Path) -> None:
        """Keep what is shown, for a person to look at."""
        self._chromium.save_screenshot(str(file))

    def _outline(self) -> str:
        return str(self.focused.value_of_css_property("outline-style"))

    @property
    def title(self) -> str:
        """The title of the page."""
        return str(self._chromium.title)

    def display_of(self, selector: str, *, media: str) -> str:
        """How an element is laid out on the screen or in print."""
        self._chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
        script = "return getComputedStyle(document.querySelector(arguments[0])).display"
        return str(self._chromium.execute_script(script, selector))
