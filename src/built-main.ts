#!/usr/bin/env node
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledModules } from './compiled-modules.ts';

// Built as main.js, beside program.js, which is main.ts. Other commands may import() while they run, and only Node's own way
// of loading heeds source maps.
const isCompiledAhead = process.argv[2] === 'serve' && !process.sourceMapsEnabled;
if (isCompiledAhead)
  new CompiledModules(dirname(fileURLToPath(import.meta.url))).require('./program.js');
else createRequire(import.meta.url)('./program.js');
