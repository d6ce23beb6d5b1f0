#!/usr/bin/env node
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledModules } from './compiled-modules.ts';

// Built as main.js, beside program.js, which is main.ts. Only Node's own way of loading heeds source maps.
if (process.sourceMapsEnabled) createRequire(import.meta.url)('./program.js');
else new CompiledModules(dirname(fileURLToPath(import.meta.url))).require('./program.js');
