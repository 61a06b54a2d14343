// Uses the prefixed copy in C++, and says which store it makes.
#define RUN_ADD_CXX add_in_cxx_with_other
extern "C" int RUN_ADD_CXX(int a, int b);
#include "../run_add.hh"

extern "C" const void *other_cxx_code(void);
extern "C" const void *other_cxx_code(void) { return reinterpret_cast<const void *>(&wasm::Store::make); }
