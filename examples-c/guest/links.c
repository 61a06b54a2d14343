#include "markdown.h"

typedef struct definition_t {
  slice_t label;
  link_t link;
  struct definition_t* next;
} definition_t;

static definition_t* definitions;

void links_reset(void) { definitions = NULL; }

bool links_find(slice_t label, link_t* out) {
  for (const definition_t* d = definitions; d; d = d->next) {
    if (same_label(d->label, label)) {
      *out = d->link;
      return true;
    }
  }
  return false;
}

static size_t skip_space(slice_t text, size_t i) {
  while (i < text.size && is_space(text.at[i])) ++i;
  return i;
}

// `<...>` or a run without white space whose parentheses balance. Returns the position after it, or 0.
static size_t destination(slice_t text, size_t i, slice_t* url) {
  if (at(text, i) == '<') {
    size_t end = find_char(text, i, '>');
    if (end == text.size || find_char(text, i, '\n') < end) return 0;
    *url = sub(text, i + 1, end);
    return end + 1;
  }
  size_t from = i, depth = 0;
  for (; i < text.size && !is_space(text.at[i]); ++i) {
    if (text.at[i] == '\\' && is_punctuation(at(text, i + 1))) ++i;
    else if (text.at[i] == '(' && ++depth > 32) return 0;
    else if (text.at[i] == ')' && depth-- == 0) break;
  }
  *url = sub(text, from, i);
  return i;
}

// A title in quotes or parentheses at `i`. Returns the position after it, or `i` when there is none.
static size_t title_end(slice_t text, size_t i, slice_t* title) {
  char open = at(text, i), close = open == '(' ? ')' : open;
  *title = (slice_t){0};
  if (open != '"' && open != '\'' && open != '(') return i;
  for (size_t j = i + 1; j < text.size; ++j) {
    if (text.at[j] == '\\') ++j;
    else if (text.at[j] == close) {
      *title = sub(text, i + 1, j);
      return j + 1;
    }
  }
  return i;
}

size_t link_target(slice_t text, size_t i, link_t* out) {
  if (at(text, i) != '(') return 0;
  i = destination(text, skip_space(text, i + 1), &out->url);
  if (!i) return 0;
  size_t gap = skip_space(text, i);
  i = gap > i ? title_end(text, gap, &out->title) : i;
  if (gap == i) out->title = (slice_t){0};
  i = skip_space(text, i > gap ? i : gap);
  return at(text, i) == ')' && i < text.size ? i + 1 : 0;
}

size_t links_define(slice_t line) {
  slice_t text = trim(line);
  size_t close = find_char(text, 0, ']');
  if (at(text, 0) != '[' || close < 2 || at(text, close + 1) != ':') return 0;
  link_t link = {0};
  size_t i = destination(text, skip_space(text, close + 2), &link.url);
  if (!i || !link.url.size) return 0;
  size_t gap = skip_space(text, i);
  size_t end = gap > i ? title_end(text, gap, &link.title) : i;
  if (skip_space(text, end) != text.size) return 0;
  link_t known;
  slice_t label = sub(text, 1, close);
  if (links_find(label, &known)) return 1;  // the first definition counts
  definition_t* d = arena_new(sizeof *d);
  *d = (definition_t){label, link, definitions};
  definitions = d;
  return 1;
}

// --- Text inside attributes ---

void put_unescaped(buffer_t* out, slice_t text) {
  for (size_t i = 0; i < text.size; ++i) {
    size_t entity = entity_end(text, i);
    if (text.at[i] == '\\' && i + 1 < text.size && is_punctuation(text.at[i + 1])) ++i;
    if (entity) put(out, sub(text, i, entity)), i = entity - 1;
    else put_escaped(out, sub(text, i, i + 1));
  }
}

void put_url(buffer_t* out, slice_t url) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < url.size; ++i) {
    if (url.at[i] == '\\' && i + 1 < url.size && is_punctuation(url.at[i + 1])) ++i;
    unsigned char c = (unsigned char)url.at[i];
    if (c == '&') put(out, TEXT("&amp;"));
    else if (c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '`') put_char(out, (char)c);
    else {
      put_char(out, '%');
      put_char(out, digits[c >> 4]);
      put_char(out, digits[c & 15]);
    }
  }
}

size_t entity_end(slice_t text, size_t i) {
  if (at(text, i) != '&') return 0;
  size_t j = i + 1;
  if (at(text, j) == '#') ++j;
  size_t from = j;
  while (j < text.size && j - from < 32 && is_alnum(text.at[j])) ++j;
  return j > from && at(text, j) == ';' && j < text.size ? j + 1 : 0;
}
