# The search's data as a script: `var searchIndex = [[kind, name, arguments, address, text], ...]`.
#
#   awk -f docs/index.awk searchdata.xml docs/*.md examples... >index.js
#
# Doxygen writes one field a line. It knows pages by their files and says a brief description twice; the files of the
# guide give the titles. Examples are not in its data.

function decoded(text) {
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&apos;|&#39;/, "'", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

function quoted(text) {
  gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); gsub(/[\t\r\n]/, " ", text)
  return "\"" text "\""
}

# Without the brief description at the beginning where the same follows once more.
function once(text, i) {
  for (i = int(length(text) / 2) + 1; i > 10; i--)
    if (substr(text, i, 1) == " " && substr(text, 1, i - 1) == substr(text, i + 1, i - 1)) return substr(text, i + 1)
  return text
}

function entry(kind, name, args, url, text) {
  entries[++count] = "[" quoted(kind) "," quoted(name) "," quoted(args) "," quoted(url) "," quoted(text) "]"
}

FNR == 1 { finish_file() }

/<doc>/ { split("", field) }
/<field name=/ {
  match($0, /name="[a-z]*"/)
  key = substr($0, RSTART + 6, RLENGTH - 7)
  value = $0
  sub(/^[^>]*>/, "", value); sub(/<\/field>.*/, "", value)
  field[key] = decoded(value)
}
/<\/doc>/ && field["type"] == "page" && field["url"] !~ /-example/ {
  page_text[field["url"]] = field["text"]
  pages[++page_count] = field["url"]
}
# What has no name, as a union within a structure, has no page.
/<\/doc>/ && field["type"] !~ /^(page|file)$/ && field["name"] !~ /@/ {
  entry(field["type"], field["name"], field["args"], field["url"], once(field["text"]))
}

FILENAME ~ /\.md$/ && FNR == 1 { sub(/^# */, ""); titles[page_url(FILENAME)] = $0 }

FILENAME ~ /\.cc?$/ && FNR == 1 { example = base(FILENAME); about = ""; head = 1 }
FILENAME ~ /\.cc?$/ && head { if (/^\/\//) about = about substr($0, 3); else head = 0 }

END {
  finish_file()
  for (i = 1; i <= page_count; i++) {
    url = pages[i]
    entry("guide", url in titles ? titles[url] : url, "", url, page_text[url])
  }
  print "var searchIndex = ["
  for (i = 1; i <= count; i++) print entries[i] (i < count ? "," : "")
  print "];"
}

function finish_file() {
  if (!example) return
  url = example
  gsub(/\./, "_8", url)
  entry("example", example, "", url "-example.html", about)
  example = ""
}

function base(path) { sub(/.*\//, "", path); return path }

# As Doxygen calls the page of docs/NAME.md.
function page_url(path) {
  path = base(path)
  sub(/\.md$/, "", path)
  return path == "index" ? "index.html" : "md_docs_" path ".html"
}
