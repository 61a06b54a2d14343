# Draws the ratios of a table of results as bars, in SVG that is readable on light and on dark pages:
#
#   awk -f bench/picture.awk results.md >results.svg
#
# A bar is what the first library needs of what the second needs, so short is good and the line at 1 is the second
# library. Shown are the rows in `shown`; what was not measured is left out.

function show(group, name, label) { order[++rows] = group SUBSEP name; labels[group, name] = label }

BEGIN {
  FS = " *\\| *"
  show("call", "(i32, i32) -> i32", "call into wasm, two numbers")
  show("callback", "(i32, i32) -> i32", "call of the host, two numbers")
  show("trap", "unreachable", "trap: unreachable")
  show("trap", "out of bounds", "trap: out of bounds")
  show("instance", "small library, same store", "instance, made and deleted")
  show("instance", "store + instance + touch 5 pages + delete", "store, instance, five pages, all deleted")
  show("cold", "hello: dlopen to first result", "dlopen to the first result")
  show("compile", "esbuild: time", "making a module of esbuild")
  show("compile", "esbuild: peak memory", "peak memory of that")
  show("kernels", "geometric mean", "programs in C, geometric mean")
  show("size", "stripped", "stripped library")
}

/^## / { group = substr($0, 4) }
/^\| / && (group SUBSEP $2) in labels && $5 + 0 > 0 { ratio[group, $2] = $5 }
group == "size" && / MB / { sizes[++libraries] = $3 + 0 }

function text(x, y, class, anchor, what) {
  gsub(/&/, "\\&amp;", what); gsub(/</, "\\&lt;", what)
  printf "<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">%s</text>\n", x, y, class, anchor, what
}

END {
  if (libraries > 1) ratio["size", "stripped"] = sprintf("%.2f", sizes[1] / sizes[2])
  for (i = 1; i <= rows; i++) if (order[i] in ratio) count++
  left = 290; scale = 360; line = 26; top = 46
  bottom = top + count * line
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 %d\" width=\"720\" role=\"img\"", bottom + 12
  print " aria-label=\"What libwasmrt needs of what the peer needs; shorter is better\">"
  print "<style>"
  print "text { font: 13px system-ui, sans-serif; fill: #1c2430 } .faint { fill: #5b6675 } .value { font-weight: 600 }"
  print ".bar { fill: #1a73c8 } .track { fill: #8894a4; opacity: .16 } .peer { stroke: #8894a4; stroke-dasharray: 3 3 }"
  print "@media (prefers-color-scheme: dark) { text { fill: #e6eaf0 } .faint { fill: #a3aebc } .bar { fill: #5aa9f0 } }"
  print "</style>"
  text(left, 20, "faint", "start", "time or memory, peer = 1; shorter is better")
  text(left + scale, 38, "faint", "middle", "peer")
  y = top
  for (i = 1; i <= rows; i++) {
    if (!(order[i] in ratio)) continue
    value = ratio[order[i]]
    width = (value > 1.1 ? 1.1 : value) * scale
    text(left - 12, y + 16, "", "end", labels[order[i]])
    printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\" rx=\"2\" class=\"track\"/>", left, y + 5, scale
    printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\" class=\"bar\"/>\n", left, y + 5, width < 2 ? 2 : width
    text(left + (width > scale ? width : scale) + 12, y + 16, "value", "start", value)
    y += line
  }
  printf "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"peer\"/>\n</svg>\n", left + scale, top - 4, left + scale, bottom
}
