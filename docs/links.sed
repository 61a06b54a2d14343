# Names of ours in backticks become links; those of the build do not.
s/`\(WASMRT_\(CARGO\|RUST\|SYMBOL\|INSTALL\|BUILD\|0\)[A-Z_0-9]*\)`/<code>\1<\/code>/g
s/`\(wasm_[a-z0-9_]*\)`/#\1/g
s/`\(wasmrt_[a-z0-9_]*\)`/#\1/g
s/`\(WASM_[A-Z0-9_]*\)`/#\1/g
s/`\(WASMRT_[A-Z0-9_]*\)`/#\1/g
