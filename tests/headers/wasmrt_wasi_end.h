
#pragma pop_macro("own")

#endif  // WASMRT_WASI_H
