#!/bin/sh
# firefox.sh RUN MODULE: the command line of the Firefox Profiler (npm: @firefox-devtools/profiler-cli) opens the profile and the
# timeline of a run, and finds functions and tiers in them.
set -eu
run=$1 module=$2
command -v profiler-cli >/dev/null || { echo "skipped: profiler-cli is not installed"; exit 77; }
folder=$(mktemp -d)
export PROFILER_CLI_SESSION_DIR="$folder/sessions"
trap 'profiler-cli stop --all >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT

"$run" --profile "$folder/profile.json" --timeline "$folder/timeline.json" "$module" work 300000000 >/dev/null

# has WORDS COMMAND...: a command about the file that was loaded last prints these words.
has() {
  words=$1
  shift
  output=$(profiler-cli "$@" 2>&1) || true
  echo "$output" | grep -q "$words" || { echo "$output"; echo "$*: no $words"; exit 1; }
}

has 'Session started' load "$folder/profile.json"
has 'work - self: [1-9]' thread functions
has 'optimized .* [1-9]' function info f-0
profiler-cli stop --all >/dev/null
has 'Session started' load "$folder/timeline.json"
has ' work  *1 markers' thread markers --thread t-0
has ' baseline  *1 markers' thread markers --thread t-0
has ' optimized' thread markers --thread t-1
