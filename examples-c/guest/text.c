#include "text.h"

// --- Arena: a room from the platform, used from front to back; one that follows on ours makes it larger ---

static room_t whole;
static char* next;

static void more_room(size_t size) {
  room_t room = platform_room(size);
  if (!room.start || size > (size_t)(room.end - room.start)) platform_out_of_memory();
  if (!whole.start || room.start != whole.end) {
    whole.start = next = room.start;
  }
  whole.end = room.end;
}

void arena_reset(void) { next = whole.start; }

void* arena_new(size_t size) {
  size = (size + 15) & ~(size_t)15;
  if (!next || size > (size_t)(whole.end - next)) more_room(size);
  char* made = next;
  next += size;
  __builtin_memset(made, 0, size);
  return made;
}

// --- Buffer: doubles into a fresh place of the arena ---

static void reserve(buffer_t* out, size_t more) {
  if (more <= out->room - out->size) return;
  size_t room = out->room ? out->room * 2 : 256;
  while (room - out->size < more) room *= 2;
  char* data = arena_new(room);
  if (out->size) __builtin_memcpy(data, out->data, out->size);
  out->data = data;
  out->room = room;
}

void put_char(buffer_t* out, char c) {
  reserve(out, 1);
  out->data[out->size++] = c;
}

void put(buffer_t* out, slice_t text) {
  if (!text.size) return;
  reserve(out, text.size);
  __builtin_memcpy(out->data + out->size, text.at, text.size);
  out->size += text.size;
}

void put_escaped(buffer_t* out, slice_t text) {
  for (size_t i = 0; i < text.size; ++i) {
    switch (text.at[i]) {
      case '&': put(out, TEXT("&amp;")); break;
      case '<': put(out, TEXT("&lt;")); break;
      case '>': put(out, TEXT("&gt;")); break;
      case '"': put(out, TEXT("&quot;")); break;
      default: put_char(out, text.at[i]);
    }
  }
}

void put_number(buffer_t* out, unsigned number) {
  if (number >= 10) put_number(out, number / 10);
  put_char(out, (char)('0' + number % 10));
}

// --- Slices ---

slice_t sub(slice_t text, size_t from, size_t to) {
  if (to > text.size) to = text.size;
  if (from > to) from = to;
  return (slice_t){text.at + from, to - from};
}

slice_t trim(slice_t text) {
  size_t from = 0, to = text.size;
  while (from < to && is_space(text.at[from])) ++from;
  while (to > from && is_space(text.at[to - 1])) --to;
  return sub(text, from, to);
}

bool starts_with(slice_t text, slice_t prefix) {
  if (text.size < prefix.size) return false;
  for (size_t i = 0; i < prefix.size; ++i) {
    if (text.at[i] != prefix.at[i]) return false;
  }
  return true;
}

size_t count_char(slice_t text, size_t from, char c) {
  size_t i = from;
  while (i < text.size && text.at[i] == c) ++i;
  return i - from;
}

size_t find_char(slice_t text, size_t from, char c) {
  size_t i = from;
  while (i < text.size && text.at[i] != c) ++i;
  return i;
}

// One step through a label: the next character in lower case, a space for a run of white space.
static char label_step(slice_t label, size_t* i) {
  if (!is_space(label.at[*i])) return lower(label.at[(*i)++]);
  while (*i < label.size && is_space(label.at[*i])) ++*i;
  return ' ';
}

bool same_label(slice_t a, slice_t b) {
  a = trim(a);
  b = trim(b);
  size_t i = 0, j = 0;
  while (i < a.size && j < b.size) {
    if (label_step(a, &i) != label_step(b, &j)) return false;
  }
  return i == a.size && j == b.size;
}
