// Uses the prefixed copy, and says where its code is.
#define RUN_ADD add_with_other
#include "../program.h"

const void *other_code(void);
const void *other_code(void) { return (const void *)&wasm_engine_new; }
