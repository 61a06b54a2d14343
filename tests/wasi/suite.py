#!/usr/bin/env python3
"""Runs test suites for WASI preview 1: suite.py COMMAND CHECKOUT...

COMMAND is "wasmrt run" or another one with its options --dir and --env. Each CHECKOUT is one of
  - WebAssembly/wasi-testsuite with its binaries (branch prod/testsuite-all),
  - khronosproject/wasi-test-suite.
Tests run in copies of their folders. Exits with 0 if all pass.
"""

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LANGUAGES = ["c", "rust", "assemblyscript"]

# Tests that ask for something else than preview 1 says, with the reason.
LEFT_OUT = {
    "wasi_fd_fdstat_get": "expects that standard output is a terminal",
}


def specification(wasm):
    """What the file next to a test says, in either of its forms."""
    path = wasm.with_suffix(".json")
    spec = json.loads(path.read_text()) if path.exists() else {}
    for operation in spec.pop("operations", []):
        if operation["type"] == "run":
            spec.update({key: operation[key] for key in ("args", "env", "root", "dirs") if key in operation})
        elif operation["type"] == "read":
            spec["stdout"] = spec.get("stdout", "") + operation.get("payload", "")
        elif operation["type"] == "wait":
            spec["exit_code"] = operation.get("exit_code", 0)
        else:
            raise ValueError(f"{path}: unknown operation {operation}")
    return spec


def folders(spec):
    """Pairs of a folder next to the test and its name for the guest."""
    found = [(spec["root"], "/")] if "root" in spec else []
    found += [(name, name) for name in spec.get("dirs", [])]
    return found + list(spec.get("preopens", {}).items())


def failure(run, wasm, scratch):
    """Runs one test. Returns why it failed, or None."""
    spec = specification(wasm)
    command = shlex.split(run)
    for host, guest in folders(spec):
        copy = Path(scratch) / host
        if (wasm.parent / host).is_dir():
            shutil.copytree(wasm.parent / host, copy, symlinks=True)
        else:
            copy.mkdir(parents=True)
        command += ["--dir", f"{copy}::{guest}"]
    for name, value in spec.get("env", {}).items():
        command += ["--env", f"{name}={value}"]
    command += [str(wasm)] + spec.get("args", [])
    try:
        done = subprocess.run(command, input=spec.get("stdin", ""), capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "it does not end"
    if done.returncode != spec.get("exit_code", spec.get("exitCode", 0)):
        return f"exit code {done.returncode}: {done.stderr.strip()[-400:]}"
    for stream in ("stdout", "stderr"):
        if stream in spec and getattr(done, stream) != spec[stream]:
            return f"{stream} is {getattr(done, stream)!r}"
    return None


def tests(checkout):
    if (checkout / "tests").is_dir():
        for language in LANGUAGES:
            yield from sorted((checkout / "tests" / language / "testsuite" / "wasm32-wasip1").glob("*.wasm"))
    else:
        yield from sorted(checkout.glob("*.wasm"))


def main():
    run, checkouts = sys.argv[1], [Path(name) for name in sys.argv[2:]]
    passed, failed = 0, 0
    for wasm in (wasm for checkout in checkouts for wasm in tests(checkout)):
        if wasm.stem in LEFT_OUT:
            print(f"left out {wasm.stem}: it {LEFT_OUT[wasm.stem]}")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            why = failure(run, wasm, scratch)
        if why is None:
            passed += 1
        else:
            failed += 1
            print(f"FAILED {wasm}: {why}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
