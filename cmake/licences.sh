#!/bin/sh
# Writes the licence texts of all crates that the libraries link, as their packages have them, to a file:
#
#   sh cmake/licences.sh FILE [arguments of cargo]
#
# PACKAGES of the environment are the crates of the libraries.
#
# A crate whose package has no text is accepted under our own licence only, whose text is shipped beside the file;
# anything else fails, so that nothing is forgotten. The standard library and the unwinder come with the compilers.
set -eu

out=$1
shift
cargo=${CARGO:-cargo}
# rustc is beside cargo when it is not on the path.
case $cargo in */*) PATH="$PATH:$(dirname "$cargo")" ;; esac
host=$(rustc -vV | sed -n 's/^host: //p')
packages=${PACKAGES:-wasmrt}
ours="Apache-2.0 WITH LLVM-exception"
line="--------------------------------------------------------------------------------"

# Of --offline, --config FILE and --target T, the last is given to each command in its own way.
options='' target=$host
while [ $# -gt 0 ]; do
  case $1 in
    --target) target=$2; shift 2 ;;
    *) options="$options $1"; shift ;;
  esac
done

# shellcheck disable=SC2086
manifests=$("$cargo" metadata --locked --format-version 1 --filter-platform "$target" $options \
  | grep -o '"manifest_path":"[^"]*"' | cut -d'"' -f4)
# Crates of this tree have their folder in parentheses; they are ours.
# shellcheck disable=SC2086
crates=$("$cargo" tree --locked $(printf -- '--package %s ' $packages) --edges no-dev,no-build,no-proc-macro --target "$target" --prefix none \
  --format '{p}|{l}' $options | sed -n '/ (\//d; s/ (\*)$//; s/^\([^ ]*\) v\([^ |]*\)[^|]*|/\1|\2|/p' | sort -u)

# The folder of crate $1, version $2: registry folders are called name-version, vendored ones often only name.
folder_of() {
  for manifest in $(printf '%s\n' "$manifests" | grep -F -e "/$1-$2/Cargo.toml" -e "/$1/Cargo.toml"); do
    if grep -q "^version = \"$2\"" "$manifest"; then dirname "$manifest"; return; fi
  done
  echo "licences.sh: the sources of $1 $2 are nowhere" >&2
  return 1
}

mkdir -p "$(dirname "$out")"
{
  echo "libwasmrt contains the following packages of other authors."
  printf '%s\n' "$crates" | while IFS='|' read -r name version licence; do
    folder=$(folder_of "$name" "$version")
    printf '\n%s\n%s %s: %s\n' "$line" "$name" "$version" "$licence"
    found=''
    for text in "$folder"/LICEN[CS]E* "$folder"/license* "$folder"/COPYING* "$folder"/COPYRIGHT* "$folder"/NOTICE*; do
      [ -f "$text" ] || continue
      found=yes
      printf '%s\n\n' "$line"
      cat "$text"
    done
    if [ -z "$found" ]; then
      [ "$licence" = "$ours" ] || { echo "licences.sh: $name $version comes without a text" >&2; exit 1; }
      printf '\nThe text is the one of libwasmrt itself, in the file beside this one.\n'
    fi
  done
  printf '\n%s\nThe Rust standard library: MIT OR Apache-2.0\n' "$line"
  notices=$(rustc --print sysroot)/share/doc/rust/COPYRIGHT-library.html
  if [ -f "$notices" ]; then
    printf '%s\n\n' "$line"
    sed -e 's/<[^>]*>//g; s/^ *//; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#34;/"/g' \
      -e "s/&#39;/'/g; s/&amp;/\\&/g" "$notices" | cat -s
  else
    printf '\nCopyright The Rust Project Developers. Its notices come with the compiler.\n'
  fi
} >"$out.part"
mv "$out.part" "$out"
