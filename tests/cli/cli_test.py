#!/usr/bin/env python3
"""The program as a user meets it: commands, exit codes, reports, bad input and bad usage.

usage: cli_test.py BINARY_DIRECTORY SOURCE_DIRECTORY [unittest arguments]
"""
import base64
import gzip
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
DATAVET = str(BINARIES / "datavet")


def datavet(*arguments, **options):
    """Runs the program; text in and out, never a terminal."""
    return subprocess.run([DATAVET, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=options.pop("stdin", subprocess.DEVNULL), timeout=120, **options)


def lines(run):
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def framed(data):
    """A TFRecord."""
    length = struct.pack("<Q", len(data))
    return length + masked_crc(length) + data + masked_crc(data)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.demo = pathlib.Path(cls.shared.name) / "demo"
        subprocess.run([BINARIES / "datavet-demo-data", cls.demo], check=True)
        cls.png = (cls.demo / "train/dog/good_100.png").read_bytes()
        cls.jpeg = (cls.demo / "train/cat/good_101.jpg").read_bytes()

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "data"
        self.root.mkdir()

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def damaged(self):
        png = bytearray(self.png)
        png[len(png) // 2] ^= 1
        return bytes(png)

    def expect(self, run, code, stdout="", stderr=""):
        said = (run.stdout + run.stderr).decode(errors="replace")
        self.assertEqual(run.returncode, code, said)
        self.assertRegex(run.stdout.decode(errors="replace"), re.compile(stdout, re.S))
        self.assertRegex(run.stderr.decode(errors="replace"), re.compile(stderr, re.S))
        return run


class ExitCodes(Case):
    def test_clean_is_0(self):
        self.write("a.png", self.png)
        self.expect(datavet("scan", self.root), 0, r"1 sample in 1 file .* depth content\nall healthy")

    def test_findings_are_1(self):
        self.write("a.png", self.damaged())
        self.expect(datavet("scan", self.root), 1, r"a\.png\n  error    png\.\S+ .*offset \d+")

    def test_exit_zero(self):
        self.write("a.png", self.damaged())
        self.expect(datavet("scan", self.root, "--exit-zero"), 0)

    def test_fail_on_never_and_warning(self):
        self.write("a.jpg", self.png)
        self.expect(datavet("scan", self.root), 0, "any.name.mismatch")
        self.expect(datavet("scan", self.root, "--fail-on", "warning"), 1)
        self.write("b.png", self.damaged())
        self.expect(datavet("scan", self.root, "--fail-on", "never"), 0)

    def test_max_bad(self):
        for i in range(9):
            self.write(f"{i}.png", self.png)
        self.write("bad.png", self.damaged())
        self.expect(datavet("scan", self.root, "--max-bad", "1"), 0)
        self.expect(datavet("scan", self.root, "--max-bad", "10%"), 0)
        self.expect(datavet("scan", self.root, "--max-bad", "5%"), 1)

    def test_nothing_scanned_is_2(self):
        self.expect(datavet("scan", self.root), 2, "nothing was judged", "no sample was found")
        self.write("notes.txt", b"words")
        self.expect(datavet("scan", self.root), 2, r"1 other file \(1 \.txt\)")

    def test_usage_is_2(self):
        self.expect(datavet("scan", self.root / "nowhere"), 2, "^$", "nowhere: No such file or directory")
        self.expect(datavet("scan"), 2, "^$", "name a file or a folder")
        self.expect(datavet("scan", "--wrong", self.root), 2, "^$", "wrong.*--help")
        self.expect(datavet("scan", self.root, "--depth", "deep"), 2, "^$", "content")
        self.expect(datavet("scan", self.root, "--only", "jpg"), 2, "^$", 'no format "jpg".*datavet formats')
        self.expect(datavet("scan", self.root, "--select", "jpeg.nothing"), 2, "^$", "datavet rules")
        self.expect(datavet("scan", self.root, "--memory", "much"), 2, "^$", "4GiB")
        self.expect(datavet("scan", self.root, "--max-bad", "x"), 2, "^$", "0.1%")
        self.expect(datavet("scan", self.root, "--subset", "9/3"), 2, "^$", "1/7")
        self.expect(datavet("scan", self.root, "--timeout-per-sample", "0"), 2, "^$", "10s")
        self.expect(datavet(), 2, "^$", "scan")
        self.expect(datavet("frobnicate"), 2, "^$", "datavet --help")

    def test_trouble_is_3_and_wins_over_findings(self):
        self.write("a.png", self.damaged())
        os.mkfifo(self.root / "pipe.png")
        self.expect(datavet("scan", self.root), 3, r"pipe\.png\n  warning  any\.file\.not_regular")

    def test_a_report_that_cannot_be_written(self):
        self.write("a.png", self.png)
        self.expect(datavet("scan", self.root, "-o", self.root / "no/such/folder"), 2, "^$", "cannot create")
        with open("/dev/full", "wb") as full:
            run = subprocess.run([DATAVET, "scan", self.root], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(run.returncode, 3)
        self.assertIn(b"No space left", run.stderr)

    def test_interrupt_is_130(self):
        subprocess.run([BINARIES / "datavet-demo-data", "--small", self.root / "many", "20000"], check=True)
        scan = subprocess.Popen([DATAVET, "scan", self.root, "--format", "jsonl", "--depth", "decode", "-j", "1"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.7)
        scan.send_signal(signal.SIGINT)
        stdout, _ = scan.communicate(timeout=60)
        if scan.returncode == 0:
            self.skipTest("the scan was over before the signal came")
        self.assertEqual(scan.returncode, 130)
        summary = json.loads(stdout.decode().splitlines()[-1])
        self.assertEqual((summary["type"], summary["complete"], summary["exit"]), ("summary", False, 130))


    def test_a_time_limit_makes_the_run_incomplete(self):
        subprocess.run([BINARIES / "datavet-demo-data", "--small", self.root / "many", "20000"], check=True)
        run = datavet("scan", self.root, "--depth", "decode", "-j", "1", "--time-limit", "200ms")
        if run.returncode == 0:
            self.skipTest("the scan was over before the time")
        self.expect(run, 3, "incomplete: the scan was ended early")
        self.expect(datavet("scan", self.root, "--time-limit", "soon"), 2, "^$", "10s")


class Reports(Case):
    def test_jsonl_follows_its_schema_and_adds_up(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((SOURCE / "docs/report-1.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        for flags in ([], ["--all"]):
            report = lines(datavet("scan", self.demo, "--format", "jsonl", *flags))
            for line in report:
                validator.validate(line)
            self.assertEqual(report[0]["type"], "run")
            summary = report[-1]
            self.assertEqual(summary["files"], summary["files_judged"] + summary["files_unchecked"] + summary["other"] + summary["vanished"])
            self.assertEqual(summary["samples"], sum(summary["verdicts"].values()))
        self.assertEqual(sum(line["type"] == "sample" for line in report), summary["samples"])
        self.assertEqual(sum(line["type"] == "other" for line in report), summary["other"])

    def test_the_same_report_on_1_2_and_8_threads(self):
        def without_time(threads):
            report = lines(datavet("scan", self.demo, "--format", "jsonl", "--all", "-j", str(threads)))
            report[0].pop("started")
            report[-1].pop("seconds")
            return sorted(json.dumps(line, sort_keys=True) for line in report)
        one = without_time(1)
        self.assertEqual(one, without_time(2))
        self.assertEqual(one, without_time(8))
        self.assertEqual(datavet("scan", self.demo, "-q", "-j", "1").stdout, datavet("scan", self.demo, "-q", "-j", "8").stdout)

    def test_every_damage_of_the_demo_is_found_and_nothing_else(self):
        report = lines(datavet("scan", self.demo, "--format", "jsonl", "--all"))
        for line in report:
            if line["type"] != "sample":
                continue
            name = pathlib.Path(line["path"]).name
            shard = re.match(r"train-0000(\d)-of", name)
            if name.startswith("good_") or (shard and int(shard[1]) < 4):
                self.assertEqual(line["verdict"], "healthy", line)
            if name.startswith("bad_"):
                self.assertIn(line["verdict"], ("unchecked",) if "bomb" in name else ("corrupt",), line)
            if name.startswith("odd_"):
                self.assertEqual(line["verdict"], "suspect", line)
        corrupt_records = [(line["path"], line["sample"]) for line in report if line.get("sample") and line["verdict"] == "corrupt"]
        self.assertEqual([record for record in sorted(corrupt_records) if "00007" not in record[0]],
                         [("shards/train-00004-of-00008.tfrecord", "#48"), ("shards/train-00005-of-00008.tfrecord", "#120"),
                          ("shards/train-00006-of-00008.tfrecord", "#199")])

    def test_json_is_one_document(self):
        document = json.loads(datavet("scan", self.demo, "--format", "json").stdout)
        self.assertEqual(set(document), {"run", "samples", "summary"})
        self.assertGreater(len(document["samples"]), 10)
        empty = json.loads(datavet("scan", self.demo / "labels.json", "--format", "json").stdout)
        self.assertEqual(empty["samples"], [])

    def test_csv_cells_are_no_formulas(self):
        self.write("=cmd.png", self.damaged())
        run = datavet("scan", self.root, "--format", "csv")
        self.assertEqual(run.stdout.decode().splitlines()[1].split(",")[0], "'=cmd.png")

    def test_concise_is_one_line_a_finding(self):
        self.write("a.png", self.damaged())
        self.expect(datavet("scan", self.root, "--format", "concise"), 1, r"^a\.png:\d+: error png\.\S+: [^\n]+\n$")

    def test_several_reports_in_one_pass(self):
        self.write("a.png", self.damaged())
        out = self.root.parent
        self.expect(datavet("scan", self.root, "--report-jsonl", out / "r.jsonl", "--report-csv", out / "r.csv", "-o", out / "r.txt"), 1, "^$")
        self.assertEqual(json.loads((out / "r.jsonl").read_text().splitlines()[-1])["type"], "summary")
        self.assertIn("a.png", (out / "r.csv").read_text())
        self.assertIn("a.png", (out / "r.txt").read_text())
        self.assertEqual([path.name for path in out.iterdir() if "part" in path.name], [])

    def test_names_never_reach_the_terminal_raw(self):
        self.write("evil \x1b[31m\n name.png", self.damaged())
        bytes_name = os.fsencode(self.root) + b"/not utf-8 \xff.png"
        with open(bytes_name, "wb") as file:
            file.write(self.damaged())
        text = datavet("scan", self.root).stdout
        self.assertNotIn(b"\x1b", text)
        self.assertNotIn(b"\xff", text)
        self.assertIn(rb"evil \x1b[31m\x0a name.png", text)
        report = [line for line in lines(datavet("scan", self.root, "--format", "jsonl")) if line["type"] == "sample"]
        exact = [base64.b64decode(line["path_b64"]) for line in report if "path_b64" in line]
        self.assertEqual(exact, [b"not utf-8 \xff.png"])

    def test_broken_pipe_is_success(self):
        scan = subprocess.Popen([DATAVET, "scan", self.demo, "--format", "jsonl", "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        scan.stdout.close()
        stderr = scan.stderr.read()
        self.assertIn(scan.wait(timeout=60), (1, 3))
        self.assertEqual(stderr, b"")

    def test_progress_only_on_a_terminal(self):
        self.write("a.png", self.png)
        self.assertEqual(datavet("scan", self.root).stderr, b"")
        master, slave = pty.openpty()
        subprocess.run([DATAVET, "scan", self.demo, "--progress", "always"], stdout=subprocess.DEVNULL, stderr=slave, timeout=60)
        os.set_blocking(master, False)
        self.assertIn(b"\x1b[K", os.read(master, 100_000))
        os.close(slave)
        os.close(master)

    def test_colour_only_when_wanted(self):
        self.write("a.png", self.damaged())
        self.assertNotIn(b"\x1b", datavet("scan", self.root).stdout)
        self.assertIn(b"\x1b[31m", datavet("scan", self.root, "--color", "always").stdout)
        self.assertNotIn(b"\x1b", datavet("scan", self.root, env=os.environ | {"NO_COLOR": "1"}).stdout)

    def test_select_and_ignore(self):
        self.write("a.png", self.damaged())
        self.write("b.jpg", self.png)
        self.expect(datavet("scan", self.root, "--select", "any"), 0, "any.name.mismatch")
        self.expect(datavet("scan", self.root, "--ignore", "png"), 0, "any.name.mismatch")
        self.expect(datavet("scan", self.root, "--ignore", "png,any.name"), 0, "all healthy")


class Roots(Case):
    def test_a_file_is_its_name(self):
        path = self.write("deep/a.png", self.damaged())
        report = lines(datavet("scan", path, "--format", "jsonl"))
        self.assertEqual(report[1]["path"], "a.png")
        self.assertEqual(report[0]["roots"], [str(path.parent.resolve())])

    def test_files_from(self):
        a, b = self.write("a.png", self.png), self.write("b\nc.png", self.damaged())
        names = self.root.parent / "names"
        names.write_bytes(b"\0".join(os.fsencode(path) for path in (a, b)))
        run = datavet("scan", "--files-from", names, "-0", "--format", "jsonl")
        self.assertEqual(lines(run)[-1]["files"], 2)
        run = subprocess.run([DATAVET, "scan", "--files-from", "-", "--format", "jsonl"], input=b"a.png\ngone.png\n",
                             stdout=subprocess.PIPE, cwd=self.root, timeout=60)
        summary = lines(run)[-1]
        self.assertEqual((summary["files"], summary["files_unchecked"], run.returncode), (2, 1, 3))
        windows = subprocess.run([DATAVET, "scan", "--files-from", "-"], input=b"a.png\r\n", stdout=subprocess.PIPE, cwd=self.root, timeout=60)
        self.assertEqual(windows.returncode, 0, windows.stdout)
        self.expect(datavet("scan", "--files-from", self.root), 2, "^$", "cannot read")

    def test_only_and_exclude(self):
        self.write("a.png", self.png)
        self.write("b.jpg", self.jpeg)
        self.assertEqual(lines(datavet("scan", self.root, "--only", "jpeg", "--format", "jsonl"))[-1]["samples"], 1)
        self.assertEqual(lines(datavet("scan", self.root, "--exclude", "*.jpg", "--format", "jsonl"))[-1]["ignored"], 1)

    def test_several_roots(self):
        self.write("one/a.png", self.damaged())
        self.write("two/a.png", self.damaged())
        report = lines(datavet("scan", self.root / "one", self.root / "two", "--format", "jsonl"))
        self.assertEqual(sorted(line["root"] for line in report if line["type"] == "sample"), [0, 1])
        self.expect(datavet("scan", self.root / "one", self.root / "two"), 1, "one/a.png.*two/a.png")

    def test_depths(self):
        self.write("a.png", self.damaged())
        self.expect(datavet("scan", self.root, "--depth", "header"), 0)
        self.expect(datavet("scan", self.root, "--depth", "structure"), 0)
        self.expect(datavet("scan", self.root, "--depth", "checksum"), 1, "png.chunk.crc")
        self.expect(datavet("scan", self.root, "--depth", "decode"), 1)

    def test_a_missing_worker_leaves_samples_unchecked(self):
        self.write("a.jpg", self.jpeg)
        self.expect(datavet("scan", self.root, "--depth", "decode", "--workers", self.root), 3, "any.decoder.unavailable")


    def test_exclude_takes_one_pattern(self):
        self.write("a.png", self.png)
        self.write("b.bak", b"")
        self.expect(datavet("scan", "--exclude", "*.bak", self.root), 0, "1 left out")

    def test_a_selection_never_hides_what_could_not_be_examined(self):
        self.write("a.png", self.png)
        os.mkfifo(self.root / "pipe.jpg")
        self.expect(datavet("scan", self.root, "--ignore", "any"), 3, "any.file.not_regular")
        self.expect(datavet("scan", self.root, "--select", "png"), 3, "any.file.not_regular")

    def test_closed_and_broken_standard_streams(self):
        self.write("a.png", self.damaged())
        report = self.root.parent / "r.jsonl"
        for redirection, codes in ((">&-", (3,)), ("2>&-", (1,)), ("2>/dev/full --progress always", (1,)), ("<&-", (1,))):
            run = subprocess.run(f"'{DATAVET}' scan '{self.root}' --report-jsonl '{report}' {redirection}", shell=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
            self.assertIn(run.returncode, codes, redirection)
            self.assertEqual([json.loads(line)["type"] for line in report.read_text().splitlines()], ["run", "sample", "summary"], redirection)
            report.unlink()

    def test_an_hdf5_file_behind_a_large_user_block(self):
        hdf5 = (self.demo / "features/good_0.h5").read_bytes()
        self.assertEqual(hdf5[:8], b"\x89HDF\r\n\x1a\n")
        self.write("a.h5", bytes(8192) + hdf5)
        self.expect(datavet("scan", self.root), 0)


class Check(Case):
    def test_shows_segments_and_verdict(self):
        self.expect(datavet("check", self.write("a.png", self.png)), 0, r"IHDR.*IDAT.*IEND.*verdict: healthy at depth content")

    def test_reads_standard_input(self):
        for content, code, verdict in ((self.png, 0, "healthy"), (self.damaged(), 1, "corrupt"), (b"", 1, "corrupt"), (b"words", 1, "corrupt")):
            path = self.write("x", content)
            with open(path, "rb") as file:
                self.expect(datavet("check", "-", "--as", "png", stdin=file), code, f"verdict: {verdict}")

    def test_every_demo_file(self):
        for path in sorted(self.demo.rglob("*")):
            if path.is_file() and path.name != "labels.json":
                run = datavet("check", path)
                self.assertIn(run.returncode, (0, 1, 3), path)
                self.assertRegex(run.stdout.decode(), r"verdict: \w+ at depth content\n$")

    def test_usage(self):
        self.expect(datavet("check", self.root), 2, "^$", "is a folder")
        self.expect(datavet("check", self.root / "x.png"), 2, "^$", "No such file")
        self.expect(datavet("check"), 2, "^$", "FILE")


class Quarantine(Case):
    def tree(self):
        return {str(path.relative_to(self.root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in self.root.rglob("*") if path.is_file()}

    def test_scan_quarantine_restore(self):
        for i in range(30):
            self.write(f"c/{i}.png", self.png)
        self.write("c/bad.png", self.damaged())
        before, aside = self.tree(), self.root.parent / "aside"
        self.expect(datavet("scan", self.root, "--quarantine", aside, "--dry-run"), 1, "would be moved")
        self.assertEqual(self.tree(), before)
        self.assertFalse(aside.exists())
        self.expect(datavet("scan", self.root, "--quarantine", aside), 1, "1 moved")
        self.assertEqual(set(before) - set(self.tree()), {"c/bad.png"})
        self.assertEqual((aside / "files/c/bad.png").read_bytes(), self.damaged())
        self.expect(datavet("scan", self.root), 0)
        self.expect(datavet("restore", aside), 0, "1 restored")
        self.assertEqual(self.tree(), before)

    def test_a_report_can_be_acted_on_later(self):
        for i in range(30):
            self.write(f"{i}.png", self.png)
        self.write("bad.png", self.damaged())
        report, aside = self.root.parent / "r.jsonl", self.root.parent / "aside"
        self.expect(datavet("scan", self.root, "--format", "jsonl", "-o", report), 1)
        self.expect(datavet("quarantine", report, "--to", aside), 0, "1 moved")
        self.assertFalse((self.root / "bad.png").exists())
        self.expect(datavet("quarantine", report, "--to", aside), 0, "1 done before")

    def test_a_file_changed_since_the_scan_stays(self):
        for i in range(30):
            self.write(f"{i}.png", self.png)
        bad = self.write("bad.png", self.damaged())
        report, aside = self.root.parent / "r.jsonl", self.root.parent / "aside"
        datavet("scan", self.root, "--format", "jsonl", "-o", report)
        bad.write_bytes(self.png)
        self.expect(datavet("quarantine", report, "--to", aside), 3, "1 changed since the scan")
        self.assertEqual(bad.read_bytes(), self.png)

    def test_safety_stop(self):
        self.write("a.png", self.png)
        self.write("bad.png", self.damaged())
        aside = self.root.parent / "aside"
        self.expect(datavet("scan", self.root, "--quarantine", aside), 2, "", "--force")
        self.assertTrue((self.root / "bad.png").exists())
        self.expect(datavet("scan", self.root, "--quarantine", aside, "--force"), 1, "1 moved")

    def test_a_record_is_copied_and_its_shard_stays(self):
        shard = self.demo / "shards/train-00004-of-00008.tfrecord"
        copy = self.write("s/train-4.tfrecord", shard.read_bytes())
        aside = self.root.parent / "aside"
        self.expect(datavet("scan", self.root, "--quarantine", aside), 1, "tfrecord.data.crc")
        self.assertEqual(copy.read_bytes(), shard.read_bytes())
        records = list((aside / "records").rglob("*.record"))
        self.assertEqual([record.name for record in records], ["train-4.tfrecord#48.record"])
        self.assertIn(records[0].read_bytes(), shard.read_bytes())

    def test_a_finding_about_a_shard_as_a_whole_leaves_it_where_it_is(self):
        shard = (self.demo / "shards/train-00003-of-00008.tfrecord.gz").read_bytes()
        copy = self.write("a.tfrecord.gz", shard + b"more bytes")
        aside = self.root.parent / "aside"
        self.expect(datavet("scan", self.root, "--quarantine", aside), 1, r"tfrecord.stream.trailing .*the shard stays.*nothing to set aside")
        self.assertTrue(copy.exists())

    def test_a_quarantine_leaves_machine_output_alone(self):
        for i in range(30):
            self.write(f"{i}.png", self.png)
        self.write("bad.png", self.damaged())
        run = self.expect(datavet("scan", self.root, "--quarantine", self.root.parent / "aside", "--format", "jsonl"), 1, "", "1 moved")
        self.assertEqual(lines(run)[-1]["type"], "summary")

    def test_two_roots_are_refused_before_anything_is_scanned(self):
        self.write("a/x.png", self.damaged())
        self.write("b/x.png", self.damaged())
        self.expect(datavet("scan", self.root / "a", self.root / "b", "--quarantine", self.root.parent / "q"), 2, "^$", "one root")

    def test_bad_targets(self):
        self.write("a.png", self.damaged())
        (self.root.parent / "link").symlink_to(self.root.parent)
        self.expect(datavet("scan", self.root, "--quarantine", self.root.parent / "link", "--force"), 2, "", "symbolic link")
        self.expect(datavet("scan", self.root, "--quarantine", self.root, "--force"), 2, "", "")
        self.expect(datavet("restore", self.root), 2, "^$", "")
        self.expect(datavet("quarantine", self.write("words", b"words"), "--to", self.root.parent / "q"), 2, "^$", "not of a datavet report")
        self.assertTrue((self.root / "a.png").exists())

    def test_a_full_disk(self):
        if os.geteuid() != 0 or not shutil.which("mount"):
            self.skipTest("needs root to mount a small file system")
        small = self.root.parent / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("this machine does not let a test mount a tmpfs")
        self.addCleanup(lambda: subprocess.run(["umount", small]))
        bad = self.write("bad.jpg", self.jpeg[: len(self.jpeg) // 2] + bytes(70_000))
        before = bad.read_bytes()
        self.expect(datavet("scan", self.root, "--quarantine", small / "aside", "--force"), 3, "", "No space left")
        self.assertEqual(bad.read_bytes(), before)
        self.assertEqual(list(small.rglob("*.part")), [])

    def test_a_read_only_target(self):
        if os.geteuid() == 0:
            if subprocess.run(["mount", "--version"], stdout=subprocess.DEVNULL).returncode != 0:
                self.skipTest("needs mount")
            target = self.root.parent / "readonly"
            target.mkdir()
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", target], stderr=subprocess.DEVNULL).returncode != 0:
                self.skipTest("this machine does not let a test mount a tmpfs")
            self.addCleanup(lambda: subprocess.run(["umount", target]))
        else:
            target = self.root.parent / "readonly"
            target.mkdir(mode=0o555)
        self.write("bad.png", self.damaged())
        self.expect(datavet("scan", self.root, "--quarantine", target / "aside", "--force"), 2, "", "Read-only|Permission")
        self.assertTrue((self.root / "bad.png").exists())


class Clean(Case):
    """datavet clean: what is written is tested in tests/pipeline/clean; here: flags, words, exit codes, reports."""

    @classmethod
    def frames(cls, count=40):
        """Framed records, each with its number in it."""
        frames = []
        for number in range(count):
            frames.append(framed(b"record %d " % number * (number % 5)))
        return frames

    @staticmethod
    def flipped(frame, at=-1):
        frame = bytearray(frame)
        frame[at] ^= 1
        return bytes(frame)

    def setUp(self):
        super().setUp()
        self.report, self.clean = self.root.parent / "report.jsonl", self.root.parent / "clean"

    def write_bad(self, name="s/train-00000-of-00001.tfrecord", bad=(7,), pack=bytes):
        frames = self.frames()
        content = pack(b"".join(self.flipped(frame) if number in bad else frame for number, frame in enumerate(frames)))
        self.write(name, content)
        return b"".join(frame for number, frame in enumerate(frames) if number not in bad)

    def scan(self, *arguments):
        datavet("scan", *(arguments or (self.root,)), "--format", "jsonl", "-o", self.report)

    def tree(self):
        return {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in self.root.rglob("*") if path.is_file()}

    def run_clean(self, code, stdout="", stderr="", *flags):
        before = self.tree()
        run = self.expect(datavet("clean", self.report, "--to", self.clean, *flags), code, stdout, stderr)
        self.assertEqual(self.tree(), before, "the dataset was touched")
        return run

    def test_scan_clean_scan(self):
        packs = {"s/a.tfrecord": bytes, "s/b.tfrecord.gz": gzip.compress, "s/c.tfrecord.zlib": zlib.compress}
        good = {name: self.write_bad(name, pack=pack) for name, pack in packs.items()}
        self.write("s/healthy.tfrecord", b"".join(self.frames()))
        self.scan()
        self.run_clean(0, r"would be cleaned:.*s/a\.tfrecord  39 of 40 records are good.*3 clean shards would be written", "", "--dry-run")
        self.assertFalse(self.clean.exists())
        self.run_clean(0, r"cleaned:.*3 clean shards written\n117 good . 3 bad records; the bad ones are in .*dead-letter/\n.*not copied.*verify: datavet scan", "", "--index")
        unpacks = {"s/a.tfrecord": bytes, "s/b.tfrecord.gz": gzip.decompress, "s/c.tfrecord.zlib": zlib.decompress}
        bad = self.flipped(self.frames()[7])
        length = struct.pack("<Q", len(bad))
        dead = length + masked_crc(length) + bad + masked_crc(bad)
        for name, unpack in unpacks.items():
            self.assertEqual(unpack((self.clean / name).read_bytes()), good[name])
            self.assertEqual(unpack((self.clean / "dead-letter" / name).read_bytes()), dead)
            line = json.loads((self.clean / "dead-letter" / (name + ".provenance.jsonl")).read_text())
            self.assertEqual((line["path"], line["index"], line["size"], line["rules"]), (name, 7, len(bad), ["tfrecord.data.crc"]))
        self.expect(datavet("scan", self.clean), 0, "120 samples in 6 files.*all healthy")
        ranges = [tuple(map(int, line.split())) for line in (self.clean / "s/a.tfrecord.idx").read_text().splitlines()]
        shard = (self.clean / "s/a.tfrecord").read_bytes()
        self.assertEqual([shard[offset : offset + size] for offset, size in ranges], self.frames()[:7] + self.frames()[8:])
        self.run_clean(0, "0 clean shards written . 3 done before", "", "--index")

    def test_index_only_gives_the_good_ranges_of_the_original(self):
        good = self.write_bad("a.tfrecord", bad=(0, 20))
        self.scan()
        self.run_clean(0, "1 index written", "", "--index-only")
        original = (self.root / "a.tfrecord").read_bytes()
        ranges = [tuple(map(int, line.split())) for line in (self.clean / "a.tfrecord.idx").read_text().splitlines()]
        self.assertEqual(b"".join(original[offset : offset + size] for offset, size in ranges), good)
        self.assertEqual([path.name for path in self.clean.rglob("*")], ["a.tfrecord.idx"])

    def test_a_file_as_root_and_names_of_any_bytes(self):
        self.write_bad("alone.tfrecord")
        self.scan(self.root / "alone.tfrecord")
        self.run_clean(0, "1 clean shard written")
        self.assertTrue((self.clean / "alone.tfrecord").exists())
        names = [b"a b\n.tfrecord", b"\xff/\xfe \xe2\x80\xae.tfrecord"]
        for name in names:
            self.write_bad(os.fsdecode(name))
        self.scan()
        run = self.run_clean(0, r"2 clean shards written . 1 done before")
        self.assertRegex(run.stdout.decode("ascii", errors="replace"), r"a b\\x0a\.tfrecord")
        self.assertNotIn(b"\xe2\x80\xae", run.stdout)
        for name in names:
            with open(os.path.join(os.fsencode(self.clean), b"dead-letter", name + b".provenance.jsonl")) as file:
                line = json.loads(file.read())
            path = base64.b64decode(line["path_b64"]) if "path_b64" in line else os.fsencode(line["path"])
            self.assertEqual(path, name)

    def test_what_is_not_cleaned_is_said(self):
        self.write("bad.png", self.damaged())
        self.write("bad.h5", b"\x89HDF\r\n\x1a\n" + bytes(600))
        self.scan()
        self.run_clean(0, "2 bad files without bad records or rows inside: datavet quarantine.*names no bad record")
        self.assertFalse(self.clean.exists())
        self.write("good.tfrecord", b"".join(self.frames()))
        self.scan(self.root / "good.tfrecord")
        self.run_clean(0, "the report names no bad record of a shard")

    def test_a_shard_without_a_good_record(self):
        self.write_bad("all.tfrecord", bad=range(40))
        self.scan()
        self.run_clean(2, "^$", "40 of 40 samples would be left out.*--force")
        self.assertFalse(self.clean.exists())
        self.run_clean(0, "no good record: no clean shard is written.*0 clean shards written . 1 without a good record or row", "", "--force")
        self.assertFalse((self.clean / "all.tfrecord").exists())

    def test_a_shard_changed_since_the_scan_and_a_taken_name_are_3(self):
        self.write_bad("changed.tfrecord")
        self.write_bad("taken.tfrecord")
        self.write_bad("fine.tfrecord")
        self.scan()
        os.utime(self.root / "changed.tfrecord")
        self.clean.mkdir()
        (self.clean / "taken.tfrecord").write_bytes(b"of another")
        self.run_clean(3, r"changed\.tfrecord  is not what was scanned.*taken\.tfrecord  .*never overwritten.*1 clean shard written . 1 changed since .* 1 refused")
        self.assertEqual((self.clean / "taken.tfrecord").read_bytes(), b"of another")
        self.assertTrue((self.clean / "fine.tfrecord").exists())

    def test_min_severity(self):
        # Bytes behind a zlib stream are a warning: TensorFlow never looks at them.
        self.write("a.tfrecord.zlib", zlib.compress(b"".join(self.frames())) + b"more")
        self.scan()
        self.run_clean(0, "names no bad record")
        self.run_clean(0, "40 of 40 records are good; its compressed stream is bad.*1 clean shard written", "", "--min-severity", "warning")
        self.assertEqual(zlib.decompress((self.clean / "a.tfrecord.zlib").read_bytes()), b"".join(self.frames()))
        self.assertFalse((self.clean / "dead-letter").exists())

    def test_bad_reports_and_bad_usage(self):
        self.write_bad("x/a.tfrecord")
        self.write_bad("y/a.tfrecord")
        self.scan()
        whole = self.report.read_bytes()
        self.report.write_bytes(whole[: whole.rindex(b'{"type":"summary"')])
        self.run_clean(2, "^$", "cut short.*scan again")
        self.report.write_bytes(whole[:-20])
        self.run_clean(2, "^$", "not of a datavet report")
        self.scan(self.root / "x", self.root / "y")
        self.run_clean(2, "^$", "one root")
        self.report.write_bytes(whole)
        self.expect(datavet("clean", self.report), 2, "^$", "--to")
        self.expect(datavet("clean", "--to", self.clean), 2, "^$", "REPORT")
        self.run_clean(2, "^$", "--help", "--wrong")
        self.run_clean(2, "^$", "index", "--index", "--index-only")
        self.run_clean(2, "^$", "warning", "--min-severity", "note")
        for wrong, words in ((self.root, "dataset itself"), (self.root / "clean", "lies in the dataset"), (self.root.parent, "holds the dataset"),
                             (self.report, "not a folder"), (self.root.parent / "no/such", "does not exist")):
            self.expect(datavet("clean", self.report, "--to", wrong), 2, "^$", words)
        hostile = whole.replace(b'"x/a.tfrecord"', b'"../a.tfrecord"')
        self.report.write_bytes(hostile)
        self.run_clean(3, r"\.\./a\.tfrecord  the path leads out of the root.*1 clean shard written")

    def test_a_link_is_not_followed(self):
        outside = self.root.parent / "outside.tfrecord"
        outside.write_bytes(b"".join(map(self.flipped, self.frames())))
        (self.root / "a.tfrecord").symlink_to(outside)
        self.scan(self.root, "--follow")
        self.run_clean(3, "symbolic link", "", "--force")

    def test_memory_does_not_grow_with_a_hole_or_a_shard(self):
        # A record, and behind it a hole that no loader would take as one record: plain, and as gzip.
        hole = 200 << 20
        path = self.write("plain.tfrecord", self.frames()[1])
        os.truncate(path, hole)
        with gzip.open(self.root / "packed.tfrecord.gz", "wb", 1) as file:
            file.write(self.frames()[1])
            for _ in range(hole >> 20):
                file.write(bytes(1 << 20))
        self.scan()
        run = subprocess.Popen([DATAVET, "clean", self.report, "--to", self.clean, "--force"], stdout=subprocess.PIPE)
        with run.stdout:
            said = run.stdout.read()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(run.returncode, 0, said)
        self.assertIn(b"2 clean shards written", said)
        self.assertLess(usage.ru_maxrss, 64 << 10, "KiB")
        self.assertGreater((self.clean / "dead-letter/plain.tfrecord").stat().st_size, hole - 1000)
        self.expect(datavet("scan", self.clean), 0, "all healthy")


class Schema(Case):
    """What records have in common, and what they shall be."""

    def shard(self, name, records):
        self.write(name, b"".join(framed(record) for record in records))

    @staticmethod
    def record(label=True, text=b"words"):
        def field(number, payload):
            return bytes([number << 3 | 2, len(payload)]) + payload
        def entry(name, value):
            return field(1, field(1, name) + field(2, value))
        entries = entry(b"text", field(1, field(1, text)))
        if label:
            entries += entry(b"label", field(3, field(1, b"\x05")))
        return field(1, entries)

    def test_prints_what_it_then_accepts(self):
        self.shard("d/x-1.tfrecord", [self.record() for _ in range(30)])
        run = datavet("schema", self.root)
        self.expect(run, 0, r'path = .d/x-#.tfrecord.')
        self.assertRegex(run.stdout.decode(), r"(?s)feature.label.*kind = .int64.*length = 1.*required = true")
        schema = self.root.parent / "s.toml"
        schema.write_bytes(run.stdout)
        self.expect(datavet("scan", self.root, "--schema", schema), 0, "30 samples")
        self.shard("d/x-2.tfrecord", [self.record(), self.record(label=False)])
        self.expect(datavet("scan", self.root, "--schema", schema), 1, r'x-2.tfrecord #1\n.*any.schema.missing .*"label" is missing')

    def test_one_record_unlike_the_rest_is_suspect(self):
        self.shard("d/x-1.tfrecord", [self.record() for _ in range(30)] + [self.record(label=False)])
        self.expect(datavet("scan", self.root), 0, r'x-1.tfrecord #30\n.*any.unlike.missing .*which 30 of 31 records have')
        self.expect(datavet("scan", self.root, "--fail-on", "warning"), 1, "any.unlike.missing")

    def test_without_examples_there_is_no_schema(self):
        self.shard("d/x.tfrecord", [b"opaque"] * 3)
        self.expect(datavet("schema", self.root), 2, "^$", "no records of a known kind")

    def test_a_schema_that_is_not_understood_names_its_line(self):
        for text, message in (("x = 1", 'line 1: "x" is not a list'), ("[[dataset]]\npath = 1", 'line 2: "path"'), ("[[dataset", "line 1"),
                              ("", r"no \[\[dataset\]\] in it"), ("[[dataset]]\nrecords = 1", "needs a path"),
                              ('[[dataset]]\npath = "*"\n[dataset.feature.a]\nkind = "text"', "kind is \"text\"")):
            schema = self.root.parent / "s.toml"
            schema.write_text(text)
            self.expect(datavet("scan", self.root, "--schema", schema), 2, "^$", message)
        self.expect(datavet("scan", self.root, "--schema", "/nowhere.toml"), 2, "^$", "cannot read the schema")


class Words(Case):
    def test_rules_explain_and_their_page_agree(self):
        rules = json.loads(datavet("rules", "--json").stdout)
        self.assertGreater(len(rules), 100)
        ids = [rule["rule"] for rule in rules]
        self.assertEqual(len(ids), len(set(ids)))
        text = datavet("rules").stdout.decode()
        page = (SOURCE / "docs/rules.md").read_text()
        self.assertEqual(page, datavet("rules", "--markdown").stdout.decode(), "run: datavet rules --markdown > docs/rules.md")
        for rule in rules:
            self.assertIn(rule["rule"], text)
            self.assertRegex(rule["rule"], r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")
            for part in ("summary", "source", "why"):
                self.assertTrue(rule[part], rule)
        for rule in rules[:: max(1, len(rules) // 10)]:
            explained = datavet("explain", rule["rule"]).stdout.decode()
            for part in ("rule", "summary", "source", "why"):
                self.assertIn(rule[part], explained)
        self.expect(datavet("explain", "png.chunk"), 0, "png.chunk.crc")
        self.expect(datavet("explain", "no.such"), 2, "^$", "datavet rules")

    def test_formats_and_version(self):
        self.expect(datavet("formats"), 0, "jpeg.*libjpeg-turbo.*png.*libpng.*tfrecord.*hdf5.*libhdf5")
        version = self.expect(datavet("--version"), 0, r"datavet \d+\.\d+\.\d+\n.*libdeflate.*libhdf5.*sandbox.*CRC-32C").stdout.decode()
        self.assertNotIn("cannot be asked", version)

    def test_help_of_every_command(self):
        for command in ("scan", "check", "quarantine", "restore", "clean", "rules", "explain", "formats", "demo"):
            self.expect(datavet(command, "--help"), 0, command)
        self.expect(datavet("--help"), 0, "scan.*Exit codes")


if __name__ == "__main__":
    unittest.main()
