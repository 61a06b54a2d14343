"""Runs a program for WASI with the package wasmtime: wasmtime_run.py [--dir HOST::GUEST]... [--env NAME=VALUE]...
program.wasm [argument]..."""

import sys

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig

args, env = sys.argv[1:], []
wasi = WasiConfig()
while args[0].startswith("--"):
    option, value = args[:2]
    args = args[2:]
    if option == "--dir":
        wasi.preopen_dir(*value.split("::"))
    else:
        env.append(tuple(value.split("=", 1)))
wasi.argv = args
wasi.env = env
wasi.inherit_stdin()
wasi.inherit_stdout()
wasi.inherit_stderr()
engine = Engine()
store = Store(engine)
store.set_wasi(wasi)
linker = Linker(engine)
linker.define_wasi()
try:
    linker.instantiate(store, Module.from_file(engine, args[0])).exports(store)["_start"](store)
except ExitTrap as exit_trap:
    sys.exit(exit_trap.code)
