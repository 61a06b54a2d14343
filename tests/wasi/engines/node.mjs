// Runs a program for WASI with node: node.mjs [--dir HOST::GUEST]... [--env NAME=VALUE]... program.wasm [argument]...
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const args = process.argv.slice(2);
const preopens = {};
const env = {};
while (args[0].startsWith("--")) {
  const [option, value] = args.splice(0, 2);
  if (option === "--dir") {
    const [host, guest] = value.split("::");
    preopens[guest] = host;
  } else {
    env[value.slice(0, value.indexOf("="))] = value.slice(value.indexOf("=") + 1);
  }
}
const wasi = new WASI({ version: "preview1", args, env, preopens, returnOnExit: true });
const module = await WebAssembly.compile(await readFile(args[0]));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
