/** A row for the tests that never comes to an end, and what it has started: a process that is connected to a port. */
import { spawn } from 'node:child_process';

const [, , port = ''] = process.argv;
spawn(process.execPath, ['-e', `require('node:net').connect(${port}, '127.0.0.1')`]);
