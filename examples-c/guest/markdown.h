// A Markdown renderer: headings, paragraphs, emphasis, code, lists, block quotes, links, images, tables,
// raw HTML, in the spirit of CommonMark with the tables and strike-through of GitHub. The depth of nesting
// is limited, so the stack is, whatever the document.
//
// text.c     arena, buffer, slices
// block.c    the structure of lines: which belong to a paragraph, list, quote, table ...
// inline.c   what happens within a paragraph
// links.c    link reference definitions and link destinations

#ifndef GUEST_MARKDOWN_H
#define GUEST_MARKDOWN_H

#include "text.h"

// The HTML of a document. It lives in the arena.
slice_t markdown_render(slice_t document);

// --- Between the parts ---

typedef struct {
  slice_t url, title;
} link_t;

void render_inline(buffer_t* out, slice_t text);

// The document's definitions `[label]: url "title"`.
void links_reset(void);
size_t links_define(slice_t line);  // true-ish when the line is one, which is then remembered
bool links_find(slice_t label, link_t* out);

// Parses `(url "title")` at `i`: the position behind it, or 0 when there is none.
size_t link_target(slice_t text, size_t i, link_t* out);
void put_url(buffer_t* out, slice_t url);
void put_unescaped(buffer_t* out, slice_t text);  // backslash escapes resolved, HTML escaped
size_t entity_end(slice_t text, size_t i);        // position after `&name;` at i, or 0

#endif
