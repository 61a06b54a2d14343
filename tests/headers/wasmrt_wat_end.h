
#pragma pop_macro("own")

#endif  // WASMRT_WAT_H
