// Emphasis cannot be decided where it begins, so a paragraph first becomes a list of pieces: finished
// HTML, runs of delimiters, open brackets. Runs are paired when the closing one is found, as in
// CommonMark's "delimiter stack"; then the pieces are written out.

#include "markdown.h"

typedef enum { HTML, RUN, BRACKET } kind_t;

typedef struct piece_t {
  kind_t kind;
  slice_t html;                 // HTML, or a bracket's own characters
  char mark;                    // RUN: * _ ~
  size_t left, whole;           // RUN: characters not used yet, characters at first
  bool opens, closes;           // RUN
  buffer_t open_tags, close_tags;  // RUN: one byte per pair: 1 em, 2 strong, 3 del
  bool image, dead;             // BRACKET
  size_t position;              // BRACKET: in the text, after it
  struct piece_t *next, *before;
} piece_t;

typedef struct {
  slice_t text;
  size_t i;
  piece_t *first, *last;
  buffer_t plain;  // text that is not part of a piece yet
} scan_t;

static piece_t* add_piece(scan_t* scan, kind_t kind) {
  piece_t* piece = arena_new(sizeof *piece);
  piece->kind = kind;
  piece->before = scan->last;
  if (scan->last) scan->last->next = piece;
  else scan->first = piece;
  return scan->last = piece;
}

static void flush(scan_t* scan) {
  if (!scan->plain.size) return;
  slice_t html = {scan->plain.data, scan->plain.size};
  scan->plain = (buffer_t){0};
  add_piece(scan, HTML)->html = html;
}

// --- Emphasis ---

// The position of a run decides whether it may open or close: not next to white space.
static void add_run(scan_t* scan) {
  char mark = scan->text.at[scan->i];
  size_t count = count_char(scan->text, scan->i, mark);
  char before = scan->i ? scan->text.at[scan->i - 1] : '\n';
  char after = at(scan->text, scan->i + count);
  bool left = !is_space(after) && (!is_punctuation(after) || is_space(before) || is_punctuation(before));
  bool right = !is_space(before) && (!is_punctuation(before) || is_space(after) || is_punctuation(after));
  flush(scan);
  piece_t* run = add_piece(scan, RUN);
  run->mark = mark;
  run->left = run->whole = count;
  run->opens = left && (mark != '_' || !right || is_punctuation(before));
  run->closes = right && (mark != '_' || !left || is_punctuation(after));
  if (mark == '~' && count != 2) run->opens = run->closes = false;
  scan->i += count;
}

// The rule of three: runs that can both open and close do not pair for some sums.
static bool pairs(const piece_t* opener, const piece_t* closer) {
  if (opener->kind != RUN || opener->mark != closer->mark || !opener->opens || !opener->left) return false;
  if (!opener->closes && !closer->opens) return true;
  return (opener->whole + closer->whole) % 3 != 0 || (opener->whole % 3 == 0 && closer->whole % 3 == 0);
}

static void join(piece_t* opener, piece_t* closer) {
  size_t used = opener->left >= 2 && closer->left >= 2 ? 2 : 1;
  char tag = closer->mark == '~' ? 3 : (char)used;
  put_char(&opener->open_tags, tag);
  put_char(&closer->close_tags, tag);
  opener->left -= used;
  closer->left -= used;
  for (piece_t* p = opener->next; p != closer; p = p->next) p->opens = false;  // runs between stay text
}

// Pairs the runs from `first` on. A closer that finds no opener leaves a mark: a later search would
// only repeat it, which would make long lines of stars quadratic.
static void pair_runs(piece_t* first) {
  piece_t* floor[3] = {0};
  for (piece_t* closer = first; closer; closer = closer->next) {
    if (closer->kind != RUN || !closer->closes) continue;
    size_t lane = closer->mark == '*' ? 0 : closer->mark == '_' ? 1 : 2;
    while (closer->left) {
      piece_t* opener = closer == first ? NULL : closer->before;
      while (opener && opener != floor[lane] && !pairs(opener, closer)) opener = opener == first ? NULL : opener->before;
      if (!opener || opener == floor[lane]) {
        if (!closer->opens) floor[lane] = closer->before;
        break;
      }
      join(opener, closer);
    }
  }
}

static const slice_t open_tag[] = {{0}, {"<em>", 4}, {"<strong>", 8}, {"<del>", 5}};
static const slice_t close_tag[] = {{0}, {"</em>", 5}, {"</strong>", 9}, {"</del>", 6}};

static void put_run(buffer_t* out, const piece_t* run) {
  for (size_t i = 0; i < run->close_tags.size; ++i) put(out, close_tag[(int)run->close_tags.data[i]]);
  for (size_t i = 0; i < run->left; ++i) put_char(out, run->mark);
  for (size_t i = run->open_tags.size; i-- > 0;) put(out, open_tag[(int)run->open_tags.data[i]]);
}

static void put_pieces(buffer_t* out, const piece_t* piece) {
  for (; piece; piece = piece->next) {
    if (piece->kind == RUN) put_run(out, piece);
    else put(out, piece->html);
  }
}

// --- Links and images ---

static void add_bracket(scan_t* scan, size_t size) {
  flush(scan);
  piece_t* bracket = add_piece(scan, BRACKET);
  bracket->html = sub(scan->text, scan->i, scan->i + size);
  bracket->image = size == 2;
  bracket->position = scan->i += size;
}

// What follows the bracket that closes at `close`: (url), [label], [] or nothing. The position after
// it, or 0.
static size_t find_target(const scan_t* scan, const piece_t* bracket, size_t close, link_t* link) {
  size_t end = link_target(scan->text, close + 1, link);
  if (end) return end;
  slice_t label = sub(scan->text, bracket->position, close);
  end = close + 1;
  if (at(scan->text, end) == '[') {
    size_t second = find_char(scan->text, end, ']');
    if (second < scan->text.size) {
      if (second > end + 1) label = sub(scan->text, end + 1, second);
      end = second + 1;
    }
  }
  return links_find(label, link) ? end : 0;
}

static void put_title(buffer_t* out, const link_t* link) {
  if (!link->title.size) return;
  put(out, TEXT(" title=\""));
  put_unescaped(out, link->title);
  put_char(out, '"');
}

// The description of an image is its content without tags.
static void put_without_tags(buffer_t* out, const piece_t* pieces) {
  buffer_t html = {0};
  put_pieces(&html, pieces);
  bool inside = false;
  for (size_t i = 0; i < html.size; ++i) {
    if (html.data[i] == '<') inside = true;
    else if (html.data[i] == '>' && inside) inside = false;
    else if (!inside) put_char(out, html.data[i]);
  }
}

static void make_image(scan_t* scan, piece_t* bracket, const link_t* link) {
  buffer_t html = {0};
  put(&html, TEXT("<img src=\""));
  put_url(&html, link->url);
  put(&html, TEXT("\" alt=\""));
  put_without_tags(&html, bracket->next);
  put_char(&html, '"');
  put_title(&html, link);
  put(&html, TEXT(" />"));
  bracket->html = (slice_t){html.data, html.size};
  bracket->next = NULL;
  scan->last = bracket;
}

// Links do not nest: enclosing brackets can only become images now.
static void make_link(scan_t* scan, piece_t* bracket, const link_t* link) {
  buffer_t html = {0};
  put(&html, TEXT("<a href=\""));
  put_url(&html, link->url);
  put_char(&html, '"');
  put_title(&html, link);
  put_char(&html, '>');
  bracket->html = (slice_t){html.data, html.size};
  add_piece(scan, HTML)->html = TEXT("</a>");
  for (piece_t* p = bracket->before; p; p = p->before) {
    if (p->kind == BRACKET && !p->image) p->dead = true;
  }
}

static void close_bracket(scan_t* scan) {
  flush(scan);
  piece_t* bracket = scan->last;
  while (bracket && bracket->kind != BRACKET) bracket = bracket->before;
  link_t link = {0};
  size_t end = bracket && !bracket->dead ? find_target(scan, bracket, scan->i, &link) : 0;
  if (!end) {
    if (bracket) bracket->kind = HTML;  // an ordinary character after all
    put_char(&scan->plain, ']');
    ++scan->i;
    return;
  }
  bracket->kind = HTML;
  if (bracket->next) pair_runs(bracket->next);
  for (piece_t* p = bracket->next; p; p = p->next) p->opens = p->closes = false;
  if (bracket->image) make_image(scan, bracket, &link);
  else make_link(scan, bracket, &link);
  scan->i = end;
}

// --- Code, HTML, breaks ---

static void code_span(scan_t* scan) {
  slice_t text = scan->text;
  size_t ticks = count_char(text, scan->i, '`');
  size_t from = scan->i + ticks;
  for (size_t j = find_char(text, from, '`'); j < text.size; j = find_char(text, j, '`')) {
    size_t run = count_char(text, j, '`');
    if (run == ticks) {
      slice_t code = sub(text, from, j);
      bool padded = code.size > 2 && is_space(code.at[0]) && is_space(code.at[code.size - 1]) && trim(code).size;
      put(&scan->plain, TEXT("<code>"));
      put_escaped(&scan->plain, padded ? sub(code, 1, code.size - 1) : code);
      put(&scan->plain, TEXT("</code>"));
      scan->i = j + run;
      return;
    }
    j += run;
  }
  put(&scan->plain, sub(text, scan->i, from));
  scan->i = from;
}

// `<http://...>` is a link, `<tag ...>`, `</tag>` and `<!-- -->` are kept, anything else is text.
static void angle(scan_t* scan) {
  slice_t text = scan->text;
  size_t end = find_char(text, scan->i, '>');
  slice_t inside = sub(text, scan->i + 1, end);
  size_t name = at(inside, 0) == '/' ? 1 : 0, j = name;
  while (is_alnum(at(inside, j)) || at(inside, j) == '+' || at(inside, j) == '.' || at(inside, j) == '-') ++j;
  char after = at(inside, j);
  bool space = find_char(inside, 0, ' ') < inside.size || find_char(inside, 0, '\n') < inside.size;
  if (end == text.size || !inside.size || (!is_letter(at(inside, name)) && !starts_with(inside, TEXT("!--")))) {
    put(&scan->plain, TEXT("&lt;"));
    ++scan->i;
    return;
  }
  if (((after == ':' && j > 1) || after == '@') && !space && name == 0) {
    put(&scan->plain, TEXT("<a href=\""));
    if (after == '@') put(&scan->plain, TEXT("mailto:"));
    put_url(&scan->plain, inside);
    put(&scan->plain, TEXT("\">"));
    put_escaped(&scan->plain, inside);
    put(&scan->plain, TEXT("</a>"));
  } else {
    put(&scan->plain, sub(text, scan->i, end + 1));
  }
  scan->i = end + 1;
}

static void backslash(scan_t* scan) {
  char next = at(scan->text, scan->i + 1);
  if (next == '\n' && scan->i + 1 < scan->text.size) {
    put(&scan->plain, TEXT("<br />\n"));
    scan->i += 2;
  } else if (is_punctuation(next)) {
    put_escaped(&scan->plain, sub(scan->text, scan->i + 1, scan->i + 2));
    scan->i += 2;
  } else {
    put_char(&scan->plain, '\\');
    ++scan->i;
  }
}

// Two spaces before the end of a line make a break.
static void line_end(scan_t* scan) {
  size_t spaces = 0;
  while (scan->plain.size && scan->plain.data[scan->plain.size - 1] == ' ') {
    --scan->plain.size;
    ++spaces;
  }
  if (spaces >= 2) put(&scan->plain, TEXT("<br />"));
  put_char(&scan->plain, '\n');
  ++scan->i;
  while (at(scan->text, scan->i) == ' ') ++scan->i;
}

static void ordinary(scan_t* scan) {
  size_t end = entity_end(scan->text, scan->i);
  if (end) put(&scan->plain, sub(scan->text, scan->i, end));
  else put_escaped(&scan->plain, sub(scan->text, scan->i, scan->i + 1));
  scan->i = end ? end : scan->i + 1;
}

static void step(scan_t* scan) {
  switch (scan->text.at[scan->i]) {
    case '*': case '_': case '~': add_run(scan); break;
    case '`': code_span(scan); break;
    case '<': angle(scan); break;
    case '\\': backslash(scan); break;
    case '\n': line_end(scan); break;
    case '[': add_bracket(scan, 1); break;
    case ']': close_bracket(scan); break;
    case '!':
      if (at(scan->text, scan->i + 1) == '[') {
        add_bracket(scan, 2);
        break;
      }
      ordinary(scan);
      break;
    default: ordinary(scan);
  }
}

void render_inline(buffer_t* out, slice_t text) {
  scan_t scan = {.text = trim(text)};
  while (scan.i < scan.text.size) step(&scan);
  flush(&scan);
  if (scan.first) pair_runs(scan.first);
  put_pieces(out, scan.first);
}
