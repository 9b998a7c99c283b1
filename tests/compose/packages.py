"""Debian's packages, fetched under an apt configuration of our own and unpacked beside the system, not into it."""

import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.servers.fetching import FetchFailed, cache, fingerprint, made_once, run_tool, tool

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELEASE = "bookworm"
"""Of the machine and of the image's base."""
NEWER = "trixie"
"""Whose Docker and Compose know what docker-compose.yml says; they run on the older release too."""
DOCKER = "docker io".replace(" ", ".")  # Debian's name of the package, and no address
ENGINE = (
    *(f"{name}/{NEWER}" for name in (DOCKER, "docker-cli", "docker-compose", "docker-buildx", "containerd")),
    *(f"{name}/{RELEASE}" for name in ("runc", "tini", "slirp4netns", "libslirp0", "debootstrap")),
    *(f"{name}/{RELEASE}" for name in ("iptables", "libip4tc2", "libip6tc2", "libxtables12", "libnftnl11", "libmnl0")),
    *(f"{name}/{RELEASE}" for name in ("libnfnetlink0", "libnetfilter-conntrack3", "libglib2.0-0", "libseccomp2")),
)
IPTABLES = tuple(f"{kind}{word}" for kind in ("iptables", "ip6tables") for word in ("", "-save", "-restore"))
SETTINGS = """\
Dir::State::Lists "{folder}/lists";
Dir::Cache "{folder}/cache";
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "-";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
"""


def home() -> Path:
    """Where everything of this test lies: beside the fetched servers."""
    return cache().parent / "compose"


def engine() -> Path:
    """The root below which Docker, Compose and their tools are unpacked; fetched once."""
    return made_once(home() / f"engine-{fingerprint(*ENGINE)}", _fetch)


def _fetch(target: Path) -> None:
    if not Path(KEYRING).exists():
        raise FetchFailed("test-compose needs Debian or what is near it: its archive's keys are missing.")
    apt = target / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (apt / folder).mkdir(parents=True)
    sources = (f"deb [signed-by={KEYRING}] {_mirror()} {release} main\n" for release in (RELEASE, NEWER))
    (apt / "sources.list").write_text("".join(sources), encoding="ascii")
    (apt / "apt.conf").write_text(SETTINGS.format(folder=apt), encoding="ascii")
    _apt(apt, "update")
    _apt(apt, "download", *ENGINE)
    for package in sorted((apt / "debs").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, target], check=True)
    for name in IPTABLES:
        (target / "usr/sbin" / name).symlink_to("xtables-nft-multi")  # what Debian leaves to its alternatives
    shutil.rmtree(apt)


def _mirror() -> str:
    """Where this machine has its own packages from."""
    words = [tool("apt-get", "Debian's own"), "indextargets", "--format", "$(RELEASE) $(REPO_URI)"]
    told = subprocess.run([*words, "Created-By: Packages"], check=True, capture_output=True, text=True).stdout
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME")
    found = [line.split() for line in told.splitlines()]
    for release, address in found:
        if release == codename:
            return address
    raise FetchFailed("test-compose finds no mirror of Debian in apt's sources.")


def _apt(folder: Path, *words: str) -> None:
    settings = [tool("env", "it is part of every Linux"), f"APT_CONFIG={folder / 'apt.conf'}"]
    run_tool(
        f"compose: apt-get {words[0]}",
        [*settings, tool("apt-get", "Debian's own"), "-q", *words],
        folder=folder / "debs",
    )


def environment() -> dict[str, str]:
    """What a program of the engine needs to find its own kind and libraries: these before the system's."""
    root = engine()
    libraries = root / "usr/lib" / f"{platform.machine()}-linux-gnu"
    path = f"{root}/usr/sbin:{root}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {
        "PATH": path,
        "LD_LIBRARY_PATH": str(libraries),
        "XTABLES_LIBDIR": str(libraries / "xtables"),
        "HOME": str(home()),
    }


def debian() -> Path:
    """A small Debian with Python, as a tar file; made once."""
    return made_once(home() / f"debian-{RELEASE}.tar", _bootstrap)


EXCLUDED = ("--exclude=./var/cache/apt/archives/*.deb", "--exclude=./var/lib/apt/lists/*")
INCLUDED: Sequence[str] = ("ca-certificates", "python3", "python3-venv", "python3-pip")


def _bootstrap(target: Path) -> None:
    root = engine()
    if shutil.which("wget") is None:
        installing = [tool("apt-get", "Debian's own"), "install", "-qq", "-y", "--no-install-recommends", "wget"]
        run_tool("compose: installing wget, which debootstrap needs", installing, folder=target.parent)
    folder = target.with_suffix(".folder")
    shutil.rmtree(folder, ignore_errors=True)
    # What it mounts goes with it, also when it is broken off.
    settings = [tool("unshare", "it is part of every Linux"), "--mount", "env"]
    settings += [f"DEBOOTSTRAP_DIR={root}/usr/share/debootstrap"]
    words = [str(root / "usr/sbin/debootstrap"), "--variant=minbase", f"--include={','.join(INCLUDED)}", RELEASE]
    run_tool("compose: a small Debian", [*settings, *words, str(folder), _mirror()], folder=target.parent)
    packed = ["tar", "--create", f"--file={target}", f"--directory={folder}", *EXCLUDED, "."]
    run_tool("compose: packing it", packed, folder=target.parent)
    shutil.rmtree(folder)
