#!/usr/bin/env node
import { processIo } from './io.ts';
import { exitCodeOfThrown, main } from './main.ts';

const io = processIo();
// Node's own exit code for a crash is 1, which here means that a check failed.
process.on('uncaughtException', (thrown) => io.exitNow(exitCodeOfThrown(io, thrown)));
process.exitCode = await main(io);
