// A byte-code interpreter: one switch in a loop, which becomes a br_table. The
// interpreted program sieves primes and adds them up.
#include "kernel.h"

enum op {
  PUSH, LOAD, STORE, ADD, SUB, MUL, LESS, JUMP, JUMP_IF_ZERO, GET, SET, DUP, DROP, XOR, SHIFT, HALT
};
enum { CELLS = 4096 };
static int32_t cells[CELLS], locals[8];

// locals: 0 = candidate, 1 = multiple, 2 = total, 3 = limit
static const int32_t program[] = {
    PUSH, 2, SET, 0,
    /* 4: next candidate */ GET, 0, GET, 3, LESS, JUMP_IF_ZERO, 63,
    /* 11 */ GET, 0, LOAD, JUMP_IF_ZERO, 25,
    /* 16: composite */ GET, 0, PUSH, 1, ADD, SET, 0, JUMP, 4,
    /* 25: prime */ GET, 2, GET, 0, ADD, PUSH, 7, XOR, SET, 2, GET, 0, DUP, ADD, SET, 1,
    /* 41: strike out multiples */ GET, 1, GET, 3, LESS, JUMP_IF_ZERO, 16,
    /* 48 */ PUSH, 1, GET, 1, STORE, GET, 1, GET, 0, ADD, SET, 1, JUMP, 41,
    /* 62 */ HALT,
    /* 63 */ GET, 2, HALT};

static int32_t interpret(void) {
  int32_t stack[32], *top = stack, pc = 0;
  for (;;) {
    switch ((enum op)program[pc++]) {
      case PUSH: *top++ = program[pc++]; break;
      case LOAD: top[-1] = cells[top[-1] & (CELLS - 1)]; break;
      case STORE: top -= 2; cells[top[1] & (CELLS - 1)] = top[0]; break;
      case ADD: top--; top[-1] = (int32_t)((uint32_t)top[-1] + (uint32_t)top[0]); break;
      case SUB: top--; top[-1] = (int32_t)((uint32_t)top[-1] - (uint32_t)top[0]); break;
      case MUL: top--; top[-1] = (int32_t)((uint32_t)top[-1] * (uint32_t)top[0]); break;
      case LESS: top--; top[-1] = top[-1] < top[0]; break;
      case JUMP: pc = program[pc]; break;
      case JUMP_IF_ZERO: pc = *--top ? pc + 1 : program[pc]; break;
      case GET: *top++ = locals[program[pc++]]; break;
      case SET: locals[program[pc++]] = *--top; break;
      case DUP: *top = top[-1]; top++; break;
      case DROP: top--; break;
      case XOR: top--; top[-1] ^= top[0]; break;
      case SHIFT: top--; top[-1] = (int32_t)((uint32_t)top[-1] << (top[0] & 31)); break;
      case HALT: return *--top;
    }
  }
}

int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < CELLS; i++) cells[i] = 0;
    for (int i = 0; i < 8; i++) locals[i] = 0;
    locals[3] = CELLS - (round & 15);
    sum = fold(sum, (uint32_t)interpret());
  }
  return (int32_t)sum;
}
