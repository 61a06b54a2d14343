# Makes a program of a block of code in the guide, for a compiler that only looks at it:
#
#   awk -v want=LINE -f snippets.awk PAGE     (the block that begins at a line)
#
# Directives, types and functions stand by themselves, and so does what is a program already. Statements become the body of
# a function. A line of three dots, or three dots where a statement or a block could be, stand for something of the reader's.

/^```/ {
  if (inside) { inside = 0; if (chosen) exit }
  else { inside = 1; chosen = FNR + 1 == want }
  next
}
!inside || !chosen { next }
{ sub(/^\.\.\.$/, ""); sub(/ \.\.\.$/, " ;"); sub(/\{ \.\.\. \}/, "{ }") }
/^(#include|typedef)/ { print; next }
/^(static|int main)/ { outside = 1; sub(/^static /, "") }
outside { print; if (/\}$/ && /^[^ ]/) outside = 0; next }
{ body = body $0 "\n" }
END { if (body ~ /[^ \n]/) printf "GUIDE_FUNCTION {\n%s}\n", body }
