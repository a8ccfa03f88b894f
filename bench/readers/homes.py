"""Where do other people's programs live? In folders of ours, installed by their own tools.

Nothing is installed into the machine or into our own environment: packages of Debian too
are only unpacked, so that no rights are needed and nothing stays.
"""

import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

PROGRAMS = Path(__file__).parent / "programs"
_LONGEST_INSTALL = 600


class NotInstalled(Exception):
    """Why a reader is not there, in a sentence."""


class Home(ABC):
    """A folder with programs; one that is kept is not filled again."""

    is_quick = True
    """Whether it is filled within seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def settle(self, packages: Iterable[str]) -> None:
        """Install packages by name, unless they are there. Raises `NotInstalled`."""
        wanted = sorted({*packages})
        note = self.folder / "packages.txt"
        settled = "\n".join(wanted)
        if note.exists() and note.read_text() == settled:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._install(wanted)
        note.write_text(settled)

    @abstractmethod
    def _install(self, packages: Sequence[str]) -> None:
        """Install packages into the folder, which is empty."""

    @abstractmethod
    def command(self, program: str) -> list[str]:
        """Return the command that runs one of `PROGRAMS`, before its arguments."""

    def environment(self) -> dict[str, str]:
        """Return what its programs need in their environment beside what is in ours."""
        return {}


class OwnEnvironment(Home):
    """The environment that the product itself runs in, with what it needs anyway."""

    def settle(self, packages: Iterable[str]) -> None:
        """Install nothing, and above all empty no folder: it has none of its own."""
        self._install([*packages])

    def _install(self, packages: Sequence[str]) -> None:
        if packages:
            raise NotInstalled("Nothing is installed beside the product.")

    def command(self, program: str) -> list[str]:
        """Run a Python program."""
        return [sys.executable, str(PROGRAMS / program)]


class PythonPackages(Home):
    """Packages of Python, in a virtual environment."""

    def _install(self, packages: Sequence[str]) -> None:
        do([sys.executable, "-m", "venv", str(self.folder)])
        pip = [str(self.bin / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        do([*pip, "install", *packages])

    @property
    def bin(self) -> Path:
        """Where its commands are."""
        return self.folder / "bin"

    def command(self, program: str) -> list[str]:
        """Run a Python program."""
        return [str(self.bin / "python"), str(PROGRAMS / program)]


class NodePackages(Home):
    """Packages of Node.js, in a folder."""

    def settle(self, packages: Iterable[str]) -> None:
        """Install packages, and put our programs beside them: Node.js looks for them there."""
        super().settle(packages)
        for program in PROGRAMS.glob("*.mjs"):
            shutil.copy(program, self.folder)

    def _install(self, packages: Sequence[str]) -> None:
        (self.folder / "package.json").write_text('{"private": true}')
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        do([_found("npm"), "install", *quiet, *packages], self.folder)

    def command(self, program: str) -> list[str]:
        """Run a program of Node.js."""
        return [_found("node"), str(self.folder / program)]


class DebianPackages(Home):
    """Packages of Debian with all that the machine lacks of what they need, unpacked."""

    is_quick = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._compiling = Lock()

    def _install(self, packages: Sequence[str]) -> None:
        apt, lists, archives = _found("apt-get"), self.folder / "lists", self.folder / "archives"
        for folder in (lists, archives):
            (folder / "partial").mkdir(parents=True)
        options = {
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "Debug::NoLocking": "true",
            "Dir::Cache": self.folder,
            "Dir::Cache::archives": archives,
            "Dir::State::lists": lists,
        }
        quiet = ["-qq", *(f"-o{name}={value}" for name, value in options.items())]
        do([apt, *quiet, "update"])
        do([apt, *quiet, "--yes", "--download-only", "--no-remove", "install", *packages])
        for archive in sorted(archives.glob("*.deb")):
            do(["dpkg-deb", "--extract", str(archive), str(self.root)])
        shutil.rmtree(lists)
        shutil.rmtree(archives)

    @property
    def root(self) -> Path:
        """What would be the root of the file system if the packages were installed."""
        return self.folder / "root"

    def libraries(self) -> Path:
        """Return the folder of libraries for this machine's architecture."""
        return next(self.root.glob("usr/lib/*-linux-gnu*"))

    def environment(self) -> dict[str, str]:
        """Let programs find what would be in the file system."""
        share, lib = self.root / "usr" / "share", self.libraries()
        perl = [share / "perl5", *lib.glob("perl5/*")]
        gems = share.glob("rubygems-integration/all/gems/*/lib")
        ruby = [*self.root.glob("usr/lib/ruby/[0-9]*"), *lib.glob("ruby/[0-9]*"), *gems]
        return {
            "LD_LIBRARY_PATH": str(lib),
            "PERL5LIB": os.pathsep.join(map(str, perl)),
            "RUBYLIB": os.pathsep.join(map(str, ruby)),
        }

    def command(self, program: str) -> list[str]:
        """Run a program of Perl, PHP, Ruby or C, which is compiled first."""
        source = str(PROGRAMS / program)
        match Path(program).suffix:
            case ".pl":
                return [_found("perl"), source]
            case ".php":
                return [*self._php(), source]
            case ".rb":
                return [str(self._only("usr/bin/ruby[0-9]*")), "-W0", "--disable-gems", source]
            case ".c":
                return [self._compiled(source)]
        raise AssertionError(program)

    def _php(self) -> list[str]:
        settings = {
            "extension_dir": self._only("usr/lib/php/2*"),
            "include_path": self.root / "usr/share/php",
            "error_reporting": "E_ALL & ~E_DEPRECATED",
            "display_errors": "stderr",
            "memory_limit": "1G",
        }
        php = [str(self._only("usr/bin/php[0-9]*")), "-n"]
        defined = [f"{name}={value}" for name, value in settings.items()]
        extensions = ["extension=ctype", "extension=mbstring", "extension=iconv"]
        return [*php, *(word for line in [*defined, *extensions] for word in ("-d", line))]

    def _only(self, pattern: str) -> Path:
        found = sorted(self.root.glob(pattern))
        if not found:
            raise NotInstalled(f"The packages hold no {pattern}.")
        return found[0]

    def _compiled(self, source: str) -> str:
        program = self.folder / Path(source).stem
        include, lib = self.root / "usr/include", self.libraries()
        # By its full name: the short one is a link that may lead out of what was unpacked.
        linked = [f"-L{lib}", "-l:libical.so.3", f"-Wl,-rpath-link={lib}"]
        with self._compiling:
            if not program.exists() or program.stat().st_mtime < Path(source).stat().st_mtime:
                do([_found("cc"), "-O1", f"-I{include}", "-o", str(program), source, *linked])
        return str(program)


def do(command: Sequence[str], folder: Path | None = None) -> None:
    """Run a command that prepares something. Raises `NotInstalled` when it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_LONGEST_INSTALL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{Path(command[0]).name}: {error}") from error
    if done.returncode:
        told = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise NotInstalled(f"{Path(command[0]).name}: {told[-1] if told else 'failed'}")


def _found(command: str) -> str:
    path = shutil.which(command)
    if path is None:
        raise NotInstalled(f"There is no {command} here.")
    return path
