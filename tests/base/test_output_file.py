"""Where a workbook cannot be written: one message, exit 1, and whatever stood there before keeps its bytes."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from sheetgen import BuildError, InvalidInput, build, load_scenario
from sheetgen.base import files
from sheetgen.base.files import check_target, create_file, replace_file
from sheetgen.cli.main import main
from tests.support.command import START, TIMEOUT
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["gpt3-175b"]
OLDER = b"an older budget"


def refused(output: str | Path) -> str:
    """The one message of ``build`` to an output that cannot be: exit 1, no traceback."""
    result = CliRunner().invoke(main, ["build", "--scenario", str(SAMPLE), "-o", str(output)])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"sheetgen: {output}: ")
    return line.removeprefix(f"sheetgen: {output}: ")


def limited(arguments: list[str], size: int) -> subprocess.CompletedProcess[str]:
    """A ``sheetgen`` process that may write no file larger than ``size`` bytes (setrlimit(2), RLIMIT_FSIZE).

    It leaves no bytecode: Python would keep what it could write of a module's, and fail to load it ever after.
    """
    return subprocess.run(
        [*START, *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip


class TestPlace:
    """Outputs that are no file to write."""

    def test_directory(self, tmp_path: Path) -> None:
        """A directory as output is refused and stays empty."""
        assert "is a directory" in refused(tmp_path)
        named = tmp_path / "budget.xlsx"
        named.mkdir()
        assert "is a directory" in refused(named)
        assert list(named.iterdir()) == []

    @pytest.mark.parametrize("name", ["budget", "budget.xls", "budget.csv", "budget.xlsx.bak", "budget.xlsm"])
    def test_extension(self, tmp_path: Path, name: str) -> None:
        """Only .xlsx is written."""
        assert "must end in .xlsx" in refused(tmp_path / name)
        assert list(tmp_path.iterdir()) == []

    def test_upper_case_extension(self, tmp_path: Path) -> None:
        """The control: .XLSX is as good, and a relative path too."""
        path = build(load_scenario(SAMPLE), tmp_path / "BUDGET.XLSX")
        assert path.read_bytes()[:2] == b"PK"

    def test_missing_directory(self, tmp_path: Path) -> None:
        """A directory that is not there is named and not made."""
        assert "directory" in refused(tmp_path / "none" / "budget.xlsx")
        assert list(tmp_path.iterdir()) == []

    def test_file_as_directory(self, tmp_path: Path) -> None:
        """A file in the place of the directory is refused and kept."""
        file = tmp_path / "file"
        file.write_bytes(OLDER)
        assert "directory" in refused(file / "budget.xlsx")
        assert file.read_bytes() == OLDER

    def test_unwritable_directory(self, tmp_path: Path) -> None:
        """A directory that takes no files is refused with the system's reason."""
        tmp_path.chmod(0o555)
        place = Path("/proc") if os.access(tmp_path, os.W_OK) else tmp_path  # root may write anywhere but there
        assert "cannot be written" in refused(place / "budget.xlsx")
        tmp_path.chmod(0o755)

    def test_name_too_long(self, tmp_path: Path) -> None:
        """A name that the file system cannot hold is refused, not a traceback."""
        assert os.strerror(errno.ENAMETOOLONG) in refused(tmp_path / f"{'x' * 300}.xlsx")


class TestFullDisk:
    """A disk that takes no more."""

    @pytest.mark.parametrize(
        ("function", "number"),
        [("fsync", errno.ENOSPC), ("fsync", errno.EIO), ("replace", errno.EACCES), ("replace", errno.EXDEV)],
    )
    def test_refusal(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, number: int) -> None:
        """Whatever the system refuses on the way, the message says why, and the older file stays alone."""
        output = tmp_path / "budget.xlsx"
        output.write_bytes(OLDER)

        def refuse(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, function, refuse)
        assert refused(output) == f"cannot be written: {os.strerror(number)}; nothing was changed"
        assert output.read_bytes() == OLDER
        assert list(tmp_path.iterdir()) == [output]

    def test_interruption(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ctrl-C while writing leaves the older file and nothing else."""
        output = tmp_path / "budget.xlsx"
        output.write_bytes(OLDER)
        monkeypatch.setattr(os, "fsync", lambda _: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            build(load_scenario(SAMPLE), output)
        assert output.read_bytes() == OLDER
        assert list(tmp_path.iterdir()) == [output]

    def test_too_large(self, tmp_path: Path) -> None:
        """A process that may write 20 kB only ends with 1 and leaves the older file alone."""
        output = tmp_path / "budget.xlsx"
        output.write_bytes(OLDER)
        done = limited(["build", "--scenario", str(SAMPLE), "-o", str(output)], 20_000)
        assert done.returncode == 1
        assert done.stderr == (
            f"sheetgen: {output}: cannot be written: {os.strerror(errno.EFBIG)}; nothing was changed\n"
        )
        assert output.read_bytes() == OLDER
        assert list(tmp_path.iterdir()) == [output]

    def test_enough(self, tmp_path: Path) -> None:
        """The control: the same process with room for 1 MB writes the workbook."""
        output = tmp_path / "budget.xlsx"
        assert limited(["build", "--scenario", str(SAMPLE), "-o", str(output)], 1_000_000).returncode == 0
        assert output.read_bytes()[:2] == b"PK"

    def test_starter_too_large(self, tmp_path: Path) -> None:
        """``new`` with room for 100 bytes ends with 1 and leaves no half of a scenario."""
        done = limited(["new", "-o", str(tmp_path / "new.yaml")], 100)
        assert done.returncode == 1
        assert os.strerror(errno.EFBIG) in done.stderr
        assert "Traceback" not in done.stderr
        assert list(tmp_path.iterdir()) == []

    def test_small_file_system(self, tmp_path: Path) -> None:
        """On a file system of 16 kB the older file stays, and the message says that no space is left."""
        mount, unmount = shutil.which("mount"), shutil.which("umount")
        if mount is None or unmount is None or os.geteuid():
            pytest.skip("only root may mount a small file system; test_too_large covers the rest")
        disk = tmp_path / "disk"
        disk.mkdir()
        if subprocess.run([mount, "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True).returncode:
            pytest.skip("this container may not mount; test_too_large covers the rest")
        try:
            output = disk / "budget.xlsx"
            output.write_bytes(OLDER)
            with pytest.raises(BuildError, match=os.strerror(errno.ENOSPC)):
                build(load_scenario(SAMPLE), output)
            assert output.read_bytes() == OLDER
            assert list(disk.iterdir()) == [output]
        finally:
            subprocess.run([unmount, disk], check=True)


class TestWhatIsThere:
    """Outputs that exist as something else than a plain file."""

    def test_link(self, tmp_path: Path) -> None:
        """A symbolic link stays one, and what it leads to is replaced."""
        (tmp_path / "real.xlsx").write_bytes(OLDER)
        (tmp_path / "link.xlsx").symlink_to("real.xlsx")
        replace_file(tmp_path / "link.xlsx", b"new")
        assert (tmp_path / "link.xlsx").is_symlink()
        assert (tmp_path / "real.xlsx").read_bytes() == b"new"
        assert len(list(tmp_path.iterdir())) == 2

    def test_link_to_nothing(self, tmp_path: Path) -> None:
        """A link whose file is not there yet makes it."""
        (tmp_path / "link.xlsx").symlink_to("real.xlsx")
        replace_file(tmp_path / "link.xlsx", b"new")
        assert (tmp_path / "real.xlsx").read_bytes() == b"new"

    def test_read_only(self, tmp_path: Path) -> None:
        """A file that nobody may write is kept."""
        path = tmp_path / "a.xlsx"
        path.write_bytes(OLDER)
        path.chmod(0o444)
        with pytest.raises(BuildError, match="read-only; nothing was changed"):
            replace_file(path, b"new")
        assert path.read_bytes() == OLDER

    def test_mode(self, tmp_path: Path) -> None:
        """The file's permissions stay; a new file has those that the umask leaves."""
        path = tmp_path / "a.xlsx"
        path.write_bytes(OLDER)
        path.chmod(0o640)
        before = os.umask(0o027)
        try:
            replace_file(path, b"new")
            replace_file(tmp_path / "b.xlsx", b"new")
        finally:
            os.umask(before)
        assert [file.stat().st_mode & 0o777 for file in (path, tmp_path / "b.xlsx")] == [0o640, 0o640]

    @pytest.mark.parametrize("kind", ["pipe", "device"])
    def test_no_file(self, tmp_path: Path, kind: str) -> None:
        """A pipe or a device is not replaced by a file."""
        path = tmp_path / "a.xlsx"
        os.mkfifo(path) if kind == "pipe" else path.symlink_to("/dev/null")
        with pytest.raises(InvalidInput, match="no regular file"):
            check_target(path, ".xlsx")

    @pytest.mark.parametrize("by", ["name", "link", "hard link"])
    def test_input(self, tmp_path: Path, by: str) -> None:
        """An output that is the input, by whatever name, would destroy it."""
        given, output = tmp_path / "a.yaml", tmp_path / ("a.yaml" if by == "name" else "b.yaml")
        given.write_bytes(OLDER)
        if by == "link":
            output.symlink_to(given)
        elif by == "hard link":
            output.hardlink_to(given)
        with pytest.raises(InvalidInput, match="the output is the input"):
            check_target(output, ".yaml", inputs=[given])
        check_target(tmp_path / "c.yaml", ".yaml", inputs=[given])  # the control

    @pytest.mark.parametrize("nameless", [True, False])
    def test_new(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nameless: bool) -> None:
        """A new file is made once: the second is refused and changes nothing, with files without a name or not."""
        if not nameless:
            monkeypatch.setattr(files, "_nameless", lambda _: None)
        create_file(tmp_path / "a.yaml", b"one")
        with pytest.raises(BuildError, match="exists already"):
            create_file(tmp_path / "a.yaml", b"two")
        replace_file(tmp_path / "a.yaml", b"three")
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"three"]
