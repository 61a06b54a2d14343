# step TEXT COMMAND...: runs a command that may take minutes and shows one line for it, with what cargo compiles as
# it goes on; everything that the command prints goes to the file $log, whose end is shown if it fails.
#
# On a terminal the line is written over every second. Elsewhere, as in the log of a CI system, a line is added
# every 20 seconds.

if [ -t 1 ]; then step_pause=1 step_start='\r\033[K' step_end=''; else step_pause=20 step_start='' step_end='\n'; fi

# The package that cargo has begun last.
step_package() { sed -n 's/^ *Compiling \([^ ]*\) .*/: \1/p' "$log" | tail -n 1; }

# Ends with the script, which an interrupt ends, but not what it has in the background.
step_ticks() {
  while sleep $step_pause && kill -0 $$ 2>/dev/null; do
    # shellcheck disable=SC2059
    printf "$step_start  %s (%s s%s)$step_end" "$1" $(($(date +%s) - step_began)) "$(step_package)"
  done
}

step() {
  step_text=$1
  shift
  step_began=$(date +%s)
  # shellcheck disable=SC2059
  printf "  %s ...$step_end" "$step_text"
  : >"$log"
  step_ticks "$step_text" &
  step_ticker=$!
  step_status=0
  "$@" >"$log" 2>&1 || step_status=$?
  kill "$step_ticker" 2>/dev/null || true
  wait "$step_ticker" 2>/dev/null || true
  # shellcheck disable=SC2059
  printf "$step_start  %s: %s, %s s\n" "$step_text" "$([ $step_status = 0 ] && echo done || echo FAILED)" \
    $(($(date +%s) - step_began))
  [ $step_status = 0 ] || { tail -n 40 "$log"; echo "All of it is in $log." >&2; exit 1; }
}
