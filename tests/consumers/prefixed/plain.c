// Uses the plain copy, and says where its code is.
#define RUN_ADD add_with_plain
#include "../program.h"

const void *plain_code(void);
const void *plain_code(void) { return (const void *)&wasm_engine_new; }
