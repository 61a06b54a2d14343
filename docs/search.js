// The search of the documentation: finds words anywhere in names and text, in files as well as from a server.
//
// Every page has a field that leads to search.html?query=...; only that page loads the data (search/index.js, made by
// docs/index.awk): [kind, name, arguments, address, text]. The class SearchBox is what Doxygen's pages make for the field.

'use strict';

function words(query) { return query.toLowerCase().split(/[\s,()]+/).filter(Boolean); }

// How well one word fits: the name itself, a part of the name, within the name, a word of the text, within the text; 0: not at all.
function fit(word, name, text) {
  if (name === word) return 100;
  const parts = name.split(/_|::|[\s.,]+/);
  if (parts.includes(word)) return 40;
  if (name.includes(word)) return 30;
  const at = (' ' + text).indexOf(' ' + word);
  if (at >= 0) return 10;
  return text.includes(word) ? 4 : 0;
}

// Every word has to fit; pages of the guide and functions before the rest.
function search(query, index) {
  const wanted = words(query), bonus = {guide: 6, example: 4, function: 3, group: 3};
  const hits = [];
  if (!wanted.length) return hits;
  for (const [kind, name, args, url, text] of index) {
    const lowName = name.toLowerCase(), lowText = (args + ' ' + text).toLowerCase();
    const fits = wanted.map(word => fit(word, lowName, lowText));
    if (fits.includes(0)) continue;
    const score = fits.reduce((a, b) => a + b) + (bonus[kind] || 0) - name.length / 100;
    hits.push({kind, name, args, url, text, score});
  }
  return hits.sort((a, b) => b.score - a.score);
}

// Some of the text around the first word found there.
function excerpt(text, wanted) {
  const low = text.toLowerCase();
  const found = wanted.map(word => low.indexOf(word)).filter(at => at >= 0);
  let start = found.length ? Math.max(0, Math.min(...found) - 80) : 0;
  if (start > 0) start = text.indexOf(' ', start) + 1;
  const end = text.length > start + 220 ? text.lastIndexOf(' ', start + 220) : text.length;
  return (start ? '… ' : '') + text.slice(start, end) + (end < text.length ? ' …' : '');
}

// --- In the browser -------------------------------------------------------------------------------------

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// Adds the text with the words marked.
function addMarked(parent, text, wanted) {
  const escaped = wanted.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  for (const part of text.split(new RegExp('(' + escaped.join('|') + ')', 'i'))) {
    if (wanted.includes(part.toLowerCase())) parent.append(element('mark', '', part));
    else parent.append(part);
  }
}

function show(query) {
  const results = document.getElementById('searchresults'), wanted = words(query);
  const hits = search(query, searchIndex);
  results.replaceChildren(element('p', '', wanted.length ? hits.length + ' found' : 'Type one or more words.'));
  for (const hit of hits.slice(0, 100)) {
    const item = element('div', 'found'), link = element('a', '');
    link.href = hit.url;
    addMarked(link, hit.name, wanted);
    item.append(link, ' ', element('span', 'kind', hit.kind));
    const text = element('p', '');
    addMarked(text, excerpt(hit.text, wanted), wanted);
    item.append(text);
    results.append(item);
  }
}

function SearchBox(name, folder, label) {
  this.DOMSearchField = () => document.getElementById('MSearchField');
  this.DOMSearchBox = () => document.getElementById('MSearchBox');
  this.OnSearchFieldFocus = active => {
    const field = this.DOMSearchField();
    this.DOMSearchBox().className = active ? 'MSearchBoxActive' : 'MSearchBoxInactive';
    if (active && field.value === label) field.value = '';
    if (!active && field.value === '') field.value = label;
  };
}

if (typeof document !== 'undefined') {
  document.addEventListener('DOMContentLoaded', () => {
    if (typeof searchIndex === 'undefined') return;  // not the page of results
    const field = document.getElementById('MSearchField');
    field.value = new URLSearchParams(location.search).get('query') || '';
    field.addEventListener('input', () => show(field.value));
    field.form.addEventListener('submit', event => { event.preventDefault(); show(field.value); });
    show(field.value);
  });
}
if (typeof module !== 'undefined') module.exports = {search, excerpt};
