// Rows, ratios and their two forms on paper: see report.h.
#define _GNU_SOURCE
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

enum { NAME_WIDTH = 50, CELL_WIDTH = 16 };

// ---- cells --------------------------------------------------------------------

static const char *value_text(double value, const char *unit, char *out, size_t size) {
  int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  snprintf(out, size, "%.*f %s", decimals, value, unit);
  return out;
}

static const char *ratio_text(double ratio, char *out, size_t size) {
  if (ratio <= 0) snprintf(out, size, "-");
  else snprintf(out, size, ratio < 0.0995 ? "%.3f" : "%.2f", ratio);
  return out;
}

static const char *cell(const struct row *row, size_t library, char *out, size_t size) {
  if (row->mean) snprintf(out, size, " ");
  else if (row->failed[library]) snprintf(out, size, "FAILED");
  else value_text(row->values[library], row->unit, out, size);
  return out;
}

// Compared as printed: 1.004 meets a goal of 1.00.
static bool met(const struct row *row, size_t peer) { return row->ratios[peer] <= row->goal + 0.005; }

static const char *verdict(const struct report *r, const struct row *row) {
  if (row->failed[0]) return "FAILED";
  if (row->limit > 0 && row->values[0] > row->limit) return "missed";
  if (row->goal <= 0) return "";
  bool compared = false;
  for (size_t i = 1; i < r->library_count; i++) {
    if (row->ratios[i] <= 0) continue;
    compared = true;
    if (!met(row, i)) return "missed";
  }
  return compared ? "met" : "";
}

// ---- rows ---------------------------------------------------------------------

static void print_header(const struct report *r, const char *group) {
  printf("\n%-*s", NAME_WIDTH, group);
  for (size_t i = 0; i < r->library_count; i++) printf("%*s", CELL_WIDTH, r->libraries[i].name);
  for (size_t i = 1; i < r->library_count; i++) printf("%8s", "ratio");
  printf("%8s%9s\n", "goal", "spread");
}

static void print_row(const struct report *r, const struct row *row) {
  char text[64], name[160];
  snprintf(name, sizeof name, "%s%s%s", row->name, row->part ? ": " : "", row->part ? row->part : "");
  printf("  %-*s", NAME_WIDTH - 2, name);
  for (size_t i = 0; i < r->library_count; i++) printf("%*s", CELL_WIDTH, cell(row, i, text, sizeof text));
  for (size_t i = 1; i < r->library_count; i++) printf("%8s", ratio_text(row->ratios[i], text, sizeof text));
  printf("%8s", ratio_text(row->goal, text, sizeof text));
  if (row->mean) printf("%9s", "");
  else printf("%7.1f %%", 100 * row->spread);
  printf("  %s\n", verdict(r, row));
  fflush(stdout);
}

static struct row *new_row(struct report *r) {
  if (r->count == r->capacity) {
    r->capacity = r->capacity ? 2 * r->capacity : 64;
    r->rows = realloc(r->rows, r->capacity * sizeof *r->rows);
    if (!r->rows) abort();
  }
  struct row *row = &r->rows[r->count++];
  memset(row, 0, sizeof *row);
  return row;
}

static void finish_row(struct report *r, struct row *row) {
  size_t at = (size_t)(row - r->rows);
  if (at == 0 || strcmp(r->rows[at - 1].group, row->group) != 0) print_header(r, row->group);
  print_row(r, row);
}

static void fill_row(struct report *r, struct row *row, const struct outcome *outcomes, size_t part) {
  for (size_t i = 0; i < r->library_count; i++) {
    row->failed[i] = outcomes[i].failed;
    memcpy(row->why[i], outcomes[i].why, WHY_SIZE);
    if (outcomes[i].failed) continue;
    row->values[i] = outcomes[i].parts[part].median;
    if (outcomes[i].parts[part].spread > row->spread) row->spread = outcomes[i].parts[part].spread;
    if (i > 0 && !outcomes[0].failed && row->values[i] > 0) row->ratios[i] = row->values[0] / row->values[i];
  }
}

void report_case(struct report *r, const struct bench_case *c, const struct outcome *outcomes) {
  for (size_t part = 0; part < (c->part_count ? c->part_count : 1); part++) {
    struct row *row = new_row(r);
    row->group = c->group;
    row->name = c->name;
    row->part = c->part_count ? c->parts[part].name : NULL;
    row->unit = c->part_count ? c->parts[part].unit : c->unit;
    row->goal = c->part_count ? c->parts[part].goal : c->goal;
    row->limit = c->part_count ? c->parts[part].limit : 0;
    fill_row(r, row, outcomes, part);
    finish_row(r, row);
  }
  for (size_t i = 0; i < r->library_count; i++)
    if (outcomes[i].failed) printf("    %s: %s\n", r->libraries[i].name, outcomes[i].why);
}

static bool same_text(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

void report_mean(struct report *r, const char *group, const char *part, double goal) {
  double logs[MAX_LIBRARIES] = {0};
  size_t counts[MAX_LIBRARIES] = {0}, rows = 0;
  for (size_t i = 0; i < r->count; i++) {
    const struct row *row = &r->rows[i];
    if (row->mean || strcmp(row->group, group) != 0 || !same_text(row->part, part)) continue;
    rows++;
    for (size_t k = 1; k < r->library_count; k++)
      if (row->ratios[k] > 0) {
        logs[k] += log(row->ratios[k]);
        counts[k]++;
      }
  }
  if (rows < 2 || r->library_count < 2) return;
  struct row *row = new_row(r);
  row->group = group;
  row->name = "geometric mean";
  row->part = part;
  row->unit = "";
  row->goal = goal;
  row->mean = true;
  for (size_t k = 1; k < r->library_count; k++)
    row->ratios[k] = counts[k] ? exp(logs[k] / (double)counts[k]) : 0;
  finish_row(r, row);
}

static void add_quotient(struct report *r, const char *group, const char *name, const char *part,
                         const double *values) {
  struct row *row = new_row(r);
  row->group = group;
  row->name = name;
  row->part = part;
  row->unit = "";
  for (size_t k = 0; k < r->library_count; k++) {
    row->failed[k] = values[k] <= 0;
    row->values[k] = values[k];
  }
  finish_row(r, row);
}

void report_quotients(struct report *r, const char *group, const char *part) {
  double logs[MAX_LIBRARIES] = {0}, worst[MAX_LIBRARIES] = {0}, means[MAX_LIBRARIES] = {0};
  size_t counts[MAX_LIBRARIES] = {0};
  for (size_t i = 0; i < r->count; i++) {
    const struct row *row = &r->rows[i];
    if (strcmp(row->group, group) != 0 || !same_text(row->part, part)) continue;
    for (size_t k = 0; k < r->library_count; k++) {
      if (row->failed[k] || row->values[k] <= 0) continue;
      logs[k] += log(row->values[k]);
      counts[k]++;
      if (row->values[k] > worst[k]) worst[k] = row->values[k];
    }
  }
  for (size_t k = 0; k < r->library_count; k++) means[k] = counts[k] ? exp(logs[k] / (double)counts[k]) : 0;
  add_quotient(r, group, "geometric mean", part, means);
  add_quotient(r, group, "greatest", part, worst);
}

size_t report_failures(const struct report *r) {
  size_t failures = 0;
  for (size_t i = 0; i < r->count; i++) failures += r->rows[i].failed[0];
  return failures;
}

size_t report_missed(const struct report *r) {
  size_t missed = 0;
  for (size_t i = 0; i < r->count; i++) missed += strcmp(verdict(r, &r->rows[i]), "missed") == 0;
  return missed;
}

void report_free(struct report *r) { free(r->rows); }

// ---- Markdown -----------------------------------------------------------------

static void write_machine(FILE *out) {
  struct utsname system;
  char line[256], *model = NULL;
  long processors = 0;
  FILE *file = fopen("/proc/cpuinfo", "r");
  while (file && fgets(line, sizeof line, file)) {
    if (strncmp(line, "model name", 10) != 0) continue;
    processors++;
    if (model || !strchr(line, ':')) continue;
    line[strcspn(line, "\n")] = 0;
    model = strdup(strchr(line, ':') + 1);
  }
  if (file) fclose(file);
  time_t now = time(NULL);
  strftime(line, sizeof line, "%Y-%m-%d %H:%M UTC", gmtime(&now));
  fprintf(out, "%s,%s, %ld processors", line, model ? model : " unknown processor", processors);
  if (uname(&system) == 0) fprintf(out, ", %s %s %s", system.sysname, system.release, system.machine);
  fprintf(out, ".\n\n");
  free(model);
}

static void write_table_head(const struct report *r, FILE *out, const char *group) {
  fprintf(out, "\n## %s\n\n|", group);
  for (size_t i = 0; i < r->library_count; i++) fprintf(out, " | %s", r->libraries[i].name);
  for (size_t i = 1; i < r->library_count; i++) fprintf(out, " | / %s", r->libraries[i].name);
  fprintf(out, " | goal | | spread |\n| ---");
  for (size_t i = 0; i < 2 * r->library_count - 1; i++) fprintf(out, " | ---:");
  fprintf(out, " | ---: | --- | ---: |\n");
}

static void write_row(const struct report *r, FILE *out, const struct row *row) {
  char text[64];
  fprintf(out, "| %s%s%s", row->name, row->part ? ": " : "", row->part ? row->part : "");
  for (size_t i = 0; i < r->library_count; i++) fprintf(out, " | %s", cell(row, i, text, sizeof text));
  for (size_t i = 1; i < r->library_count; i++) fprintf(out, " | %s", ratio_text(row->ratios[i], text, sizeof text));
  fprintf(out, " | %s | %s", ratio_text(row->goal, text, sizeof text), verdict(r, row));
  if (row->mean) fprintf(out, " | |\n");
  else fprintf(out, " | %.1f %% |\n", 100 * row->spread);
}

static void write_failures(const struct report *r, FILE *out) {
  bool any = false;
  for (size_t i = 0; i < r->count; i++)
    for (size_t k = 0; k < r->library_count; k++) {
      const struct row *row = &r->rows[i];
      // The parts of one case fail together: say it once.
      if (!row->failed[k] || (i && row->part && strcmp(r->rows[i - 1].name, row->name) == 0)) continue;
      if (!any) fprintf(out, "\n## Failed\n\n");
      any = true;
      fprintf(out, "- %s, %s, %s: %s\n", r->libraries[k].name, row->group, row->name, row->why[k]);
    }
}

void report_markdown(const struct report *r, FILE *out, const struct options *options) {
  fprintf(out, "# Benchmark results\n\n");
  write_machine(out);
  fprintf(out, "Libraries:");
  for (size_t i = 0; i < r->library_count; i++) {
    struct stat info;
    double size = stat(r->libraries[i].path, &info) == 0 ? (double)info.st_size / 1e6 : 0;
    fprintf(out, "%s %s (file of %.1f MB)", i ? "," : "", r->libraries[i].name, size);
  }
  fprintf(out,
          ". Medians over %u processes of %u batches of %.0f ms each, taking turns; a ratio is the first\n"
          "library's median over the other's, so below 1 the first is faster or smaller. The spread is half the\n"
          "distance between the quartiles of the noisier library.\n",
          options->processes, options->rounds, options->batch_ms);
  for (size_t i = 0; i < r->count; i++) {
    if (i == 0 || strcmp(r->rows[i - 1].group, r->rows[i].group) != 0) write_table_head(r, out, r->rows[i].group);
    write_row(r, out, &r->rows[i]);
  }
  write_failures(r, out);
}
