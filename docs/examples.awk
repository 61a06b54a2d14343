# Pages for Doxygen: of each example what its first lines say, its module as text if it has one, and its source.
# Functions link to the examples that call them.

FNR == 1 {
  if (NR > 1) print " */"
  print "/** @example " base(FILENAME) "\n * @details"
  head = 1
}
head && /^\/\// { sub(/^\/\/ ?/, ""); print " * " $0; next }
head {
  head = 0
  module = FILENAME
  sub(/\.cc?$/, ".wat", module)
  # With its folder: the examples in C and in C++ share names of modules.
  if ((getline line < module) > 0)
    print " *\n * Its module:\n *\n * @verbinclude " base(folder(module)) "/" base(module) "\n *\n * The program:"
}
END { print " */" }

function base(path) { sub(/.*\//, "", path); return path }
function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
