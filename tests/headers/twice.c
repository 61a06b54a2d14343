// A header is complete, may be included again, and leaves `own` to the program.
#include HEADER
#ifdef own
#error The header leaves own defined.
#endif
#define own the_programs
#include HEADER
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
// Not static_assert, which C99 lacks.
typedef char own_is_the_programs[sizeof TEXT(own) == sizeof "the_programs" ? 1 : -1];
