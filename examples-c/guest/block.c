// The block structure of a document is determined line by line. A container (quote, list item) takes
// its lines, strips its own prefix from them and passes the rest to the same function again.

#include "markdown.h"

enum { DEEPEST = 24 };  // containers inside each other; further ones are text

typedef struct {
  slice_t* line;
  size_t count;
} lines_t;

static void render_blocks(buffer_t* out, lines_t lines, bool tight, int depth);

// --- Kinds of lines ---

static size_t indent_of(slice_t line) { return count_char(line, 0, ' '); }
static bool is_blank(slice_t line) { return indent_of(line) == line.size; }
static bool is_indented_code(slice_t line) { return indent_of(line) >= 4 && !is_blank(line); }

static slice_t unindent(slice_t line, size_t most) {
  size_t indent = indent_of(line);
  return sub(line, indent < most ? indent : most, line.size);
}

static size_t heading_level(slice_t line) {
  slice_t text = unindent(line, 3);
  size_t level = count_char(text, 0, '#');
  return level <= 6 && is_space(at(text, level)) ? level : 0;
}

// Three or more of - * _ and nothing else.
static bool is_rule(slice_t line) {
  slice_t text = trim(line);
  char mark = at(text, 0);
  size_t marks = 0;
  if (indent_of(line) > 3 || (mark != '-' && mark != '*' && mark != '_')) return false;
  for (size_t i = 0; i < text.size; ++i) {
    if (text.at[i] == mark) ++marks;
    else if (!is_space(text.at[i])) return false;
  }
  return marks >= 3;
}

// The length of the fence that opens a code block, or 0.
static size_t fence_of(slice_t line) {
  slice_t text = unindent(line, 3);
  char mark = at(text, 0);
  if (mark != '`' && mark != '~') return 0;
  size_t size = count_char(text, 0, mark);
  bool tick_after = mark == '`' && find_char(text, size, '`') < text.size;
  return size >= 3 && !tick_after ? size : 0;
}

static bool is_quote(slice_t line) { return indent_of(line) <= 3 && at(unindent(line, 3), 0) == '>'; }

static bool is_html(slice_t line) {
  slice_t text = unindent(line, 3);
  if (at(text, 0) != '<') return false;
  size_t i = at(text, 1) == '/' ? 2 : 1;
  if (starts_with(text, TEXT("<!--"))) return true;
  while (is_alnum(at(text, i))) ++i;
  char after = at(text, i);
  return is_letter(at(text, 1 + (at(text, 1) == '/'))) && (is_space(after) || after == '>' || after == '/');
}

typedef struct {
  char mark;       // - * + . )
  unsigned start;  // of a numbered list
  size_t width;    // columns from the line's beginning to the item's text
} marker_t;

static bool marker_of(slice_t line, marker_t* out) {
  size_t indent = indent_of(line), i = indent;
  if (indent > 3 || is_rule(line)) return false;
  unsigned number = 0;
  while (is_digit(at(line, i)) && i - indent < 9) number = number * 10 + (unsigned)(line.at[i++] - '0');
  char mark = at(line, i);
  bool numbered = i > indent;
  if (numbered ? mark != '.' && mark != ')' : mark != '-' && mark != '*' && mark != '+') return false;
  ++i;
  if (!is_space(at(line, i))) return false;
  size_t gap = count_char(line, i, ' ');
  if (gap == 0 || gap > 4 || i + gap == line.size) gap = 1;
  *out = (marker_t){mark, number, i + gap};
  return true;
}

// Whether a line ends the paragraph before it. A list does so only if its item has text and its number
// is one.
static bool interrupts(slice_t line) {
  marker_t marker;
  if (is_blank(line) || heading_level(line) || is_rule(line) || fence_of(line) || is_quote(line) || is_html(line)) return true;
  return marker_of(line, &marker) && marker.start <= 1 && trim(sub(line, marker.width, line.size)).size;
}

// --- Tables ---

// Splits a row at its bars; bars after a backslash or inside code stay. Returns the number of cells.
static size_t split_row(slice_t line, slice_t* cells, size_t room) {
  slice_t row = trim(line);
  if (at(row, 0) == '|') row = sub(row, 1, row.size);
  size_t count = 0, from = 0;
  bool code = false;
  for (size_t i = 0; i <= row.size; ++i) {
    if (i < row.size && row.at[i] == '\\') ++i;
    else if (i < row.size && row.at[i] == '`') code = !code;
    else if (i == row.size || (row.at[i] == '|' && !code)) {
      slice_t cell = trim(sub(row, from, i));
      if (i == row.size && !cell.size) break;
      if (count < room) cells[count] = cell;
      ++count;
      from = i + 1;
    }
  }
  return count;
}

// `:--`, `:-:` or `--:`: l, c, r, or - without a colon. Zero when the cell is something else.
static char alignment_of(slice_t cell) {
  size_t left = at(cell, 0) == ':', dashes = count_char(cell, left, '-');
  size_t right = at(cell, left + dashes) == ':';
  if (!dashes || left + dashes + right != cell.size) return 0;
  return left && right ? 'c' : left ? 'l' : right ? 'r' : '-';
}

enum { COLUMNS = 64 };

// The number of columns when the second line is the ruler of a table whose head is the first, else 0.
static size_t table_columns(lines_t lines, size_t i, char* alignment) {
  slice_t cells[COLUMNS];
  if (i + 1 >= lines.count || find_char(lines.line[i], 0, '|') == lines.line[i].size) return 0;
  size_t count = split_row(lines.line[i + 1], cells, COLUMNS);
  if (!count || count > COLUMNS || split_row(lines.line[i], NULL, 0) != count) return 0;
  for (size_t c = 0; c < count; ++c) {
    alignment[c] = alignment_of(cells[c]);
    if (!alignment[c]) return 0;
  }
  return count;
}

static void put_cell(buffer_t* out, bool head, char alignment, slice_t text) {
  put(out, head ? TEXT("<th") : TEXT("<td"));
  if (alignment == 'l') put(out, TEXT(" align=\"left\""));
  if (alignment == 'c') put(out, TEXT(" align=\"center\""));
  if (alignment == 'r') put(out, TEXT(" align=\"right\""));
  put_char(out, '>');
  render_inline(out, text);
  put(out, head ? TEXT("</th>\n") : TEXT("</td>\n"));
}

static void put_row(buffer_t* out, slice_t line, const char* alignment, size_t columns, bool head) {
  slice_t cells[COLUMNS] = {0};
  split_row(line, cells, columns);
  put(out, TEXT("<tr>\n"));
  for (size_t c = 0; c < columns; ++c) put_cell(out, head, alignment[c], cells[c]);
  put(out, TEXT("</tr>\n"));
}

static size_t table(buffer_t* out, lines_t lines, size_t i) {
  char alignment[COLUMNS];
  size_t columns = table_columns(lines, i, alignment);
  if (!columns) return i;
  put(out, TEXT("<table>\n<thead>\n"));
  put_row(out, lines.line[i], alignment, columns, true);
  put(out, TEXT("</thead>\n"));
  i += 2;
  bool body = i < lines.count && !interrupts(lines.line[i]);
  if (body) put(out, TEXT("<tbody>\n"));
  for (; i < lines.count && !interrupts(lines.line[i]); ++i) put_row(out, lines.line[i], alignment, columns, false);
  if (body) put(out, TEXT("</tbody>\n"));
  put(out, TEXT("</table>\n"));
  return i;
}

// --- Leaves: each writes the block that begins at line i and returns the line after it ---

static void put_heading(buffer_t* out, size_t level, slice_t text) {
  put(out, TEXT("<h"));
  put_number(out, (unsigned)level);
  put_char(out, '>');
  render_inline(out, text);
  put(out, TEXT("</h"));
  put_number(out, (unsigned)level);
  put(out, TEXT(">\n"));
}

static size_t heading(buffer_t* out, lines_t lines, size_t i) {
  size_t level = heading_level(lines.line[i]);
  slice_t text = trim(sub(unindent(lines.line[i], 3), level, lines.line[i].size));
  size_t end = text.size;
  while (end && text.at[end - 1] == '#') --end;
  if (!end || is_space(text.at[end - 1])) text = trim(sub(text, 0, end));  // closing marks
  put_heading(out, level, text);
  return i + 1;
}

static void put_code_line(buffer_t* out, slice_t line) {
  put_escaped(out, line);
  put_char(out, '\n');
}

static size_t fenced_code(buffer_t* out, lines_t lines, size_t i) {
  size_t indent = indent_of(lines.line[i]), size = fence_of(lines.line[i]);
  char mark = at(lines.line[i], indent);
  slice_t language = trim(sub(lines.line[i], indent + size, lines.line[i].size));
  put(out, TEXT("<pre><code"));
  if (language.size) {
    put(out, TEXT(" class=\"language-"));
    put_unescaped(out, sub(language, 0, find_char(language, 0, ' ')));
    put_char(out, '"');
  }
  put_char(out, '>');
  for (++i; i < lines.count; ++i) {
    slice_t text = trim(lines.line[i]);
    size_t run = count_char(text, 0, mark);
    if (run >= size && run == text.size && indent_of(lines.line[i]) <= 3) break;
    put_code_line(out, unindent(lines.line[i], indent));
  }
  put(out, TEXT("</code></pre>\n"));
  return i + 1;
}

static size_t indented_code(buffer_t* out, lines_t lines, size_t i) {
  size_t end = i;
  for (size_t j = i; j < lines.count && (is_blank(lines.line[j]) || is_indented_code(lines.line[j])); ++j) {
    if (!is_blank(lines.line[j])) end = j + 1;
  }
  put(out, TEXT("<pre><code>"));
  for (; i < end; ++i) put_code_line(out, unindent(lines.line[i], 4));
  put(out, TEXT("</code></pre>\n"));
  return end;
}

static size_t html(buffer_t* out, lines_t lines, size_t i) {
  bool comment = starts_with(unindent(lines.line[i], 3), TEXT("<!--"));
  for (; i < lines.count && (comment || !is_blank(lines.line[i])); ++i) {
    slice_t line = lines.line[i];
    put(out, line);
    put_char(out, '\n');
    for (size_t j = 0; comment && j < line.size; ++j) {
      if (starts_with(sub(line, j, line.size), TEXT("-->"))) return i + 1;
    }
  }
  return i;
}

// An underline of = or - that makes the paragraph above it a heading: 1, 2 or 0.
static size_t underline(slice_t line) {
  slice_t text = trim(line);
  char mark = at(text, 0);
  if (!text.size || indent_of(line) > 3 || count_char(text, 0, mark) != text.size) return 0;
  return mark == '=' ? 1 : mark == '-' ? 2 : 0;
}

static size_t paragraph(buffer_t* out, lines_t lines, size_t i, bool tight) {
  buffer_t text = {0};
  put(&text, lines.line[i]);
  for (++i; i < lines.count; ++i) {
    size_t level = underline(lines.line[i]);
    if (level) {
      put_heading(out, level, (slice_t){text.data, text.size});
      return i + 1;
    }
    if (interrupts(lines.line[i])) break;
    put_char(&text, '\n');
    put(&text, unindent(lines.line[i], lines.line[i].size));
  }
  if (!tight) put(out, TEXT("<p>"));
  render_inline(out, (slice_t){text.data, text.size});
  if (!tight) put(out, TEXT("</p>\n"));
  return i;
}

// --- Containers ---

static lines_t room_for(size_t count) { return (lines_t){arena_new(count * sizeof(slice_t)), 0}; }

// A paragraph inside a container may continue in lines without the container's prefix.
static bool goes_on(lines_t inside, slice_t line) {
  marker_t marker;
  if (!inside.count || interrupts(line) || marker_of(line, &marker)) return false;
  slice_t last = inside.line[inside.count - 1];
  return !is_blank(last) && !heading_level(last) && !is_rule(last) && !fence_of(last) && !is_indented_code(last);
}

static size_t quote(buffer_t* out, lines_t lines, size_t i, int depth) {
  lines_t inside = room_for(lines.count - i);
  for (; i < lines.count; ++i) {
    slice_t line = lines.line[i];
    if (is_quote(line)) {
      line = sub(unindent(line, 3), 1, line.size);
      line = unindent(line, 1);
    } else if (!goes_on(inside, line)) {
      break;
    }
    inside.line[inside.count++] = line;
  }
  put(out, TEXT("<blockquote>\n"));
  render_blocks(out, inside, false, depth + 1);
  put(out, TEXT("</blockquote>\n"));
  return i;
}

// Collects the lines of the item that begins at line i; blank lines at its end do not belong to it.
static size_t item_lines(lines_t lines, size_t i, size_t width, lines_t* inside) {
  *inside = room_for(lines.count - i);
  inside->line[inside->count++] = sub(lines.line[i], width, lines.line[i].size);
  size_t end = i + 1;
  for (++i; i < lines.count; ++i) {
    slice_t line = lines.line[i];
    if (is_blank(line)) line = sub(line, 0, 0);
    else if (indent_of(line) >= width) line = unindent(line, width);
    else if (!goes_on(*inside, line)) break;
    inside->line[inside->count++] = line;
    if (line.size) end = i + 1;
  }
  inside->count -= i - end;
  return end;
}

// Blank lines between the blocks of an item, outside of code, make a list loose.
static bool has_gap(lines_t inside) {
  size_t fence = 0;
  for (size_t i = 0; i < inside.count; ++i) {
    size_t here = fence_of(inside.line[i]);
    if (here && (!fence || here >= fence)) fence = fence ? 0 : here;
    bool nested = i + 1 < inside.count && indent_of(inside.line[i + 1]) > 0;
    if (!fence && i && is_blank(inside.line[i]) && !nested) return true;
  }
  return false;
}

typedef struct item_t {
  lines_t inside;
  struct item_t* next;
} item_t;

static void put_list(buffer_t* out, const item_t* item, const marker_t* marker, bool loose, int depth) {
  bool numbered = marker->mark == '.' || marker->mark == ')';
  put(out, numbered ? TEXT("<ol") : TEXT("<ul"));
  if (numbered && marker->start != 1) {
    put(out, TEXT(" start=\""));
    put_number(out, marker->start);
    put_char(out, '"');
  }
  put(out, TEXT(">\n"));
  for (; item; item = item->next) {
    put(out, loose ? TEXT("<li>\n") : TEXT("<li>"));
    render_blocks(out, item->inside, !loose, depth + 1);
    put(out, TEXT("</li>\n"));
  }
  put(out, numbered ? TEXT("</ol>\n") : TEXT("</ul>\n"));
}

static size_t list(buffer_t* out, lines_t lines, size_t i, int depth) {
  marker_t first, marker;
  item_t *items = NULL, **last = &items;
  bool loose = false;
  marker_of(lines.line[i], &first);
  for (marker = first; i < lines.count && marker_of(lines.line[i], &marker) && marker.mark == first.mark;) {
    item_t* item = *last = arena_new(sizeof *item);
    last = &item->next;
    size_t end = item_lines(lines, i, marker.width, &item->inside);
    loose = loose || has_gap(item->inside);
    i = end;
    while (i < lines.count && is_blank(lines.line[i])) ++i;
    marker_t following;
    bool more = i < lines.count && marker_of(lines.line[i], &following) && following.mark == first.mark;
    loose = loose || (more && i > end);
  }
  put_list(out, items, &first, loose, depth);
  return i;
}

// --- The document ---

static size_t render_block(buffer_t* out, lines_t lines, size_t i, bool tight, int depth) {
  slice_t line = lines.line[i];
  marker_t marker;
  if (is_blank(line)) return i + 1;
  if (is_indented_code(line)) return indented_code(out, lines, i);
  if (fence_of(line)) return fenced_code(out, lines, i);
  if (heading_level(line)) return heading(out, lines, i);
  if (is_rule(line)) {
    put(out, TEXT("<hr />\n"));
    return i + 1;
  }
  if (depth < DEEPEST && is_quote(line)) return quote(out, lines, i, depth);
  if (depth < DEEPEST && marker_of(line, &marker)) return list(out, lines, i, depth);
  if (is_html(line)) return html(out, lines, i);
  if (links_define(line)) return i + 1;
  size_t end = table(out, lines, i);
  return end > i ? end : paragraph(out, lines, i, tight);
}

static void render_blocks(buffer_t* out, lines_t lines, bool tight, int depth) {
  for (size_t i = 0; i < lines.count;) {
    bool open = tight && i && !is_blank(lines.line[i]) && out->data[out->size - 1] != '\n';
    if (open) put_char(out, '\n');  // a tight paragraph does not end its line itself
    i = render_block(out, lines, i, tight, depth);
  }
}

// Tabs at the beginning of a line reach to the next multiple of four; carriage returns end lines too.
static slice_t clean_line(slice_t line) {
  if (line.size && line.at[line.size - 1] == '\r') --line.size;
  buffer_t indent = {0};
  size_t i = 0;
  for (; i < line.size && (line.at[i] == ' ' || line.at[i] == '\t'); ++i) {
    do put_char(&indent, ' ');
    while (line.at[i] == '\t' && indent.size % 4);
  }
  if (!indent.size || find_char(line, 0, '\t') >= i) return line;
  put(&indent, sub(line, i, line.size));
  return (slice_t){indent.data, indent.size};
}

static lines_t split_lines(slice_t text) {
  size_t count = 1;
  for (size_t i = 0; i < text.size; ++i) count += text.at[i] == '\n';
  lines_t lines = room_for(count);
  for (size_t from = 0; from < text.size;) {
    size_t to = find_char(text, from, '\n');
    lines.line[lines.count++] = clean_line(sub(text, from, to));
    from = to + 1;
  }
  return lines;
}

// Definitions may follow their use, so they are collected first, outside fenced code.
static void collect_definitions(lines_t lines) {
  size_t fence = 0;
  links_reset();
  for (size_t i = 0; i < lines.count; ++i) {
    size_t here = fence_of(lines.line[i]);
    if (here && (!fence || here >= fence)) fence = fence ? 0 : here;
    if (!fence && indent_of(lines.line[i]) <= 3) links_define(lines.line[i]);
  }
}

slice_t markdown_render(slice_t document) {
  lines_t lines = split_lines(document);
  collect_definitions(lines);
  buffer_t out = {0};
  render_blocks(&out, lines, false, 0);
  return (slice_t){out.data, out.size};
}
