// Uses the plain copy in C++, and says which store it makes: inline functions of both copies must not mix.
#define RUN_ADD_CXX add_in_cxx_with_plain
extern "C" int RUN_ADD_CXX(int a, int b);
#include "../run_add.hh"

extern "C" const void *plain_cxx_code(void);
extern "C" const void *plain_cxx_code(void) { return reinterpret_cast<const void *>(&wasm::Store::make); }
