
#pragma pop_macro("own")

#endif  // WASMRT_H