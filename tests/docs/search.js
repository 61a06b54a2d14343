// node tests/docs/search.js SEARCH INDEX: the search of the documentation finds what a reader would type.
'use strict';
const assert = require('assert');
const fs = require('fs');
const path = require('path');
const {search, excerpt} = require(path.resolve(process.argv[2]));
const index = new Function(fs.readFileSync(process.argv[3], 'utf8') + '; return searchIndex;')();
const pages = path.dirname(path.dirname(path.resolve(process.argv[3])));

const names = query => search(query, index).map(hit => hit.name);
const first = (query, count, name) => assert(names(query).slice(0, count).includes(name),
  `${query}: ${name} is not among the first ${count}: ${names(query).slice(0, count)}`);

first('deadline', 3, 'wasmrt_store_set_deadline');   // a word within a name
first('interrupt', 10, 'wasmrt_interrupt_fire');
first('WASM_FUNC_CALL', 1, 'wasm_func_call');        // whatever the case
first('set fuel', 3, 'wasmrt_store_set_fuel');       // several words, each somewhere
first('fibers', 20, 'wasmrt_store_set_stack');       // a word of the text
first('ownership', 3, 'Ownership');                  // a page of the guide, by its title
first('serialize', 15, 'serialize.c');               // an example
assert.deepStrictEqual(names('nonsense deadline'), []);  // every word has to be there
assert(excerpt(search('fibers', index)[0].text, ['fibers']).toLowerCase().includes('fibers'));

for (const [kind, name, args, url] of index)
  assert(fs.existsSync(path.join(pages, url.split('#')[0])), `${kind} ${name}: ${url} is no page`);
