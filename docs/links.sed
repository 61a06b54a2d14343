# Names of ours in backticks become links.
s/`\(wasm_[a-z0-9_]*\)`/#\1/g
s/`\(wasmrt_[a-z0-9_]*\)`/#\1/g
s/`\(WASM_[A-Z0-9_]*\)`/#\1/g
s/`\(WASMRT_[A-Z0-9_]*\)`/#\1/g
