# The verdict of `./x test`: what each suite passed, failed and skipped, every skip with its reason, every failure by
# name.
#
#   awk -f tools/verdict.awk part=configure LOG part=cargo LOG part=ctest LOG part=output LastTest.log
#
# A suite is a program of `cargo test` or the first word of names in ctest. Tests say why they are skipped in a line
# "skipped: REASON"; ctest keeps what they print in LastTest.log alone. Ends with 1 if anything failed.

function suite_of(name) { sub(/\..*/, "", name); return "ctest " name }

function seen(suite) { if (!(suite in known)) { known[suite] = ++suites; named[suites] = suite } }

function count(suite, what, number) { seen(suite); counts[suite, what] += number; total[what] += number }

function add_once(list, text) { if (!((list, text) in listed)) { listed[list, text] = 1; lists[list, ++lengths[list]] = text } }

# --- What CMake left out ---

part == "configure" && /left out/ { sub(/^ +/, ""); add_once("skipped", $0) }

# --- cargo test ---

part == "cargo" && /^ +Running / {
  suite = $2 == "unittests" ? "unit tests" : $2
  sub(/^tests\//, "", suite); sub(/(\/main)?\.rs$/, "", suite)
  suite = "cargo " suite
}
part == "cargo" && /^test .* \.\.\. FAILED/ { add_once("failed", suite ": " $2) }
part == "cargo" && /^test .* \.\.\. ignored/ {
  reason = $0
  if (!sub(/.* \.\.\. ignored, /, "", reason)) reason = "asked for by name only"
  add_once("skipped", suite " " $2 ": " reason)
}
part == "cargo" && /^skipped: / { add_once("skipped", suite ": " substr($0, 10)) }
part == "cargo" && /^ +[0-9]+ skipped: / { # the specification's suite counts its own
  number = $1
  sub(/^ +[0-9]+ skipped: /, "")
  inner[suite ": " $0] += number
}
part == "cargo" && /^ +.*: not run: / { sub(/^ +/, ""); add_once("skipped", suite ": " $0) }
part == "cargo" && /^test result: / {
  match($0, /[0-9]+ passed/); count(suite, "passed", substr($0, RSTART) + 0)
  match($0, /[0-9]+ failed/); count(suite, "failed", substr($0, RSTART) + 0)
  match($0, /[0-9]+ ignored/); count(suite, "skipped", substr($0, RSTART) + 0)
}

# --- ctest: "12/84 Test #62: name ....... Passed 0.1 sec" ---

part == "ctest" && /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
  name = $0
  sub(/^[^:]*: /, "", name); sub(/ .*/, "", name)
  if (/\*\*\*Skipped|\*\*\*Not Run \(Disabled\)/) { count(suite_of(name), "skipped", 1); unexplained[name] = 1 }
  else if (/ Passed +[0-9.]+ sec/) count(suite_of(name), "passed", 1)
  else { count(suite_of(name), "failed", 1); add_once("failed", name) }
}

part == "output" && /^[0-9]+\/[0-9]+ Testing: / { name = $3 }
part == "output" && /^skipped: / {
  if (name in unexplained) delete unexplained[name]
  add_once("skipped", name ": " substr($0, 10))
}

END {
  for (name in unexplained) add_once("skipped", name ": it does not say why")
  for (name in inner) add_once("skipped", name " (" inner[name] " directives)")
  printf "  %-26s %8s %8s %8s\n", "", "passed", "failed", "skipped"
  for (i = 1; i <= suites; i++) {
    suite = named[i]
    printf "  %-26s %8d %8d %8d\n", suite, counts[suite, "passed"], counts[suite, "failed"], counts[suite, "skipped"]
  }
  printf "  %-26s %8d %8d %8d\n", "all", total["passed"], total["failed"], total["skipped"]
  if (lengths["skipped"]) print "\nskipped:"
  for (i = 1; i <= lengths["skipped"]; i++) print "  " lists["skipped", i]
  if (lengths["failed"]) print "\nFAILED:"
  for (i = 1; i <= lengths["failed"]; i++) print "  " lists["failed", i]
  exit lengths["failed"] || total["failed"] ? 1 : 0
}
