// Compares libraries that implement wasm.h. It is given two or more of them as
// NAME=PATH; the first is the one whose ratios are shown. README.md says what the
// groups measure and how to read the table; run.sh builds everything and starts it.
#define _GNU_SOURCE
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct group {
  const char *name;
  void (*add_cases)(struct case_list *, const struct options *);
  bool only_by_name;   // left out where all groups run
};

static const struct group groups[] = {
    {"call", add_call_cases},         {"callback", add_callback_cases},   {"trap", add_trap_cases},
    {"instance", add_instance_cases}, {"calls", add_calls_cases},         {"grow", add_grow_cases},
    {"cold", add_cold_cases},         {"kernels", add_kernel_cases},      {"manyfuncs", add_manyfuncs_cases},
    {"compile", add_compile_cases},   {"native", add_native_cases},
    {"metered", add_metered_cases},   {"density", add_density_cases, .only_by_name = true},
    {"jobs", add_jobs_cases, .only_by_name = true},
};
enum { GROUPS = sizeof groups / sizeof *groups };

static const char usage[] =
    "usage: driver [options] NAME=LIBRARY[,OPTION=VALUE...]...\n"
    "  --groups=A,B     only these of: call callback trap instance calls grow cold kernels manyfuncs compile native\n"
    "                   metered; density and jobs only when they are named\n"
    "  --cases=TEXT     only cases whose name contains TEXT\n"
    "  --modules=DIR    the assembled modules/*.wat           --kernels=DIR    the compiled kernels\n"
    "  --expected=FILE  the kernels' arguments and checksums  --real=FILE      a real module, for compile and instance\n"
    "  --rounds=N       batches for each process (7)         --processes=N    processes for each library (5)\n"
    "  --batch-ms=X     length of a batch (5)                 --budget=SECONDS for each case of fresh processes (20)\n"
    "  --timeout=SECONDS for one answer (900)                 --markdown=FILE  write the table there, too\n"
    "  --cpu            time batches in the thread's processor time, for a busy machine\n"
    "  --strict         exit with 1 also when a goal is missed\n";

static bool group_wanted(const char *list, const struct group *group) {
  if (!list) return !group->only_by_name;
  const char *name = group->name;
  size_t length = strlen(name);
  for (const char *at = list; (at = strstr(at, name)); at += length)
    if ((at == list || at[-1] == ',') && (at[length] == 0 || at[length] == ',')) return true;
  return false;
}

static bool groups_known(const char *list) {
  char *copy = strdup(list);
  bool known = true;
  for (char *save, *name = strtok_r(copy, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
    bool found = false;
    for (size_t i = 0; i < GROUPS; i++) found |= strcmp(groups[i].name, name) == 0;
    if (!found) fprintf(stderr, "no group is called %s\n", name);
    known &= found;
  }
  free(copy);
  return known;
}

struct arguments {
  struct options options;
  const char *groups, *cases, *markdown;
  bool strict;
  struct library libraries[MAX_LIBRARIES];
  size_t library_count;
};

static bool take_library(struct arguments *a, char *text) {
  char *equals = strchr(text, '=');
  if (!equals || a->library_count == MAX_LIBRARIES) return false;
  *equals = 0;
  a->libraries[a->library_count++] = (struct library){text, equals + 1};
  return true;
}

static void take_module(struct options *o, const char *path) {
  o->real = realloc(o->real, (o->real_count + 1) * sizeof *o->real);
  if (!o->real) abort();
  o->real[o->real_count++] = path;
}

static bool parse(struct arguments *a, int argc, char **argv) {
  static const struct option known[] = {
      {"groups", 1, 0, 'g'}, {"cases", 1, 0, 'c'},  {"modules", 1, 0, 'm'},   {"kernels", 1, 0, 'k'},
      {"expected", 1, 0, 'e'}, {"real", 1, 0, 'f'}, {"rounds", 1, 0, 'r'}, {"processes", 1, 0, 'p'},
      {"batch-ms", 1, 0, 'b'}, {"budget", 1, 0, 'u'}, {"timeout", 1, 0, 't'}, {"markdown", 1, 0, 'o'},
      {"strict", 0, 0, 's'}, {"cpu", 0, 0, 'C'}, {0}};
  struct options *o = &a->options;
  for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) switch (option) {
      case 'g': a->groups = optarg; break;
      case 'c': a->cases = optarg; break;
      case 'm': o->modules = optarg; break;
      case 'k': o->kernels = optarg; break;
      case 'e': o->expected = optarg; break;
      case 'f': take_module(o, optarg); break;
      case 'r': o->rounds = (unsigned)atoi(optarg); break;
      case 'p': o->processes = (unsigned)atoi(optarg); break;
      case 'b': o->batch_ms = atof(optarg); break;
      case 'u': o->budget_s = atof(optarg); break;
      case 't': o->timeout_s = atoi(optarg); break;
      case 'o': a->markdown = optarg; break;
      case 'C': use_processor_time(); break;
      case 's': a->strict = true; break;
      default: return false;
    }
  for (; optind < argc; optind++)
    if (!take_library(a, argv[optind])) return false;
  return a->library_count > 0 && o->rounds > 0 && o->processes > 0 && (!a->groups || groups_known(a->groups));
}

static void run_group(const struct arguments *a, const struct group *group, struct report *report) {
  struct case_list list = {0};
  group->add_cases(&list, &a->options);
  for (size_t i = 0; i < list.count; i++) {
    struct outcome outcomes[MAX_LIBRARIES];
    if (a->cases && !strstr(list.items[i].name, a->cases)) continue;
    measure(&list.items[i], a->libraries, a->library_count, &a->options, outcomes);
    report_case(report, &list.items[i], outcomes);
  }
  if (strcmp(group->name, "kernels") == 0) report_mean(report, "kernels", NULL, 1);
  if (strcmp(group->name, "jobs") == 0) {
    report_mean(report, "jobs", "once", 1);
    report_mean(report, "jobs", "150 times", 1);
  }
  if (strcmp(group->name, "metered") == 0)
    for (size_t part = 1; list.count && part < METERED_PARTS; part++)
      report_quotients(report, "metered", metered_parts[part].name);
  if (strcmp(group->name, "compile") == 0) {
    report_mean(report, "compile", "time", 0);
    report_mean(report, "compile", "processor time", 0);
    report_mean(report, "compile", "peak memory", 0);
  }
  free(list.items);
}

int main(int argc, char **argv) {
  if (argc > 6 && strcmp(argv[1], "--cold") == 0) return cold_main(argc - 2, argv + 2);
  struct arguments a = {.options = {.modules = "modules", .kernels = "kernels",
                                    .expected = "expected.txt", .rounds = 7, .processes = 5,
                                    .batch_ms = 5, .budget_s = 20, .timeout_s = 900}};
  if (!parse(&a, argc, argv)) {
    fputs(usage, stderr);
    return 2;
  }
  // A worker that died is noticed by its pipe, not by a signal.
  signal(SIGPIPE, SIG_IGN);
  struct report report = {.libraries = a.libraries, .library_count = a.library_count};
  for (size_t i = 0; i < GROUPS; i++)
    if (group_wanted(a.groups, &groups[i])) run_group(&a, &groups[i], &report);
  if (a.markdown) {
    FILE *out = fopen(a.markdown, "w");
    if (out) report_markdown(&report, out, &a.options);
    if (!out || fclose(out) != 0) {
      perror(a.markdown);
      return 2;
    }
  }
  size_t failures = report_failures(&report), missed = report_missed(&report);
  if (failures) printf("\n%s: %zu failed\n", a.libraries[0].name, failures);
  if (missed) printf("\n%s: %zu goals missed\n", a.libraries[0].name, missed);
  report_free(&report);
  free(a.options.real);
  return failures || (a.strict && missed) ? 1 : 0;
}
