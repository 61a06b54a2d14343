// What the renderer uses instead of a C library: slices of text, an arena that is emptied between
// documents, and a buffer that grows in it.

#ifndef GUEST_TEXT_H
#define GUEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  const char* at;
  size_t size;
} slice_t;

#define TEXT(literal) ((slice_t){literal, sizeof(literal) - 1})

// --- Arena ---

// At least `size` new bytes from the platform, or a result without space.
typedef struct {
  char* start;
  char* end;
} room_t;
room_t platform_room(size_t size);
_Noreturn void platform_out_of_memory(void);

void* arena_new(size_t size);  // zeroed, never NULL
void arena_reset(void);        // takes everything back

// --- Buffer ---

typedef struct {
  char* data;
  size_t size, room;
} buffer_t;

void put_char(buffer_t* out, char c);
void put(buffer_t* out, slice_t text);
void put_escaped(buffer_t* out, slice_t text);  // & < > " as entities
void put_number(buffer_t* out, unsigned number);

// --- Characters and slices ---

static inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }
static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static inline bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
static inline char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static inline bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

// The character at `i`, or a newline past the end: every text is treated as if one followed.
static inline char at(slice_t text, size_t i) { return i < text.size ? text.at[i] : '\n'; }

slice_t sub(slice_t text, size_t from, size_t to);
slice_t trim(slice_t text);
bool starts_with(slice_t text, slice_t prefix);
size_t count_char(slice_t text, size_t from, char c);       // length of a run of c
size_t find_char(slice_t text, size_t from, char c);        // text.size when there is none
bool same_label(slice_t a, slice_t b);                      // case-insensitive, white space runs count as one

#endif
