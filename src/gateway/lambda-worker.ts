// What runs inside one execution environment. It is text, not a module: the same worker starts from
// dist/*.js and from .ts source under a test runner, and it needs nothing but Node itself.

/** CommonJS source of the worker; `workerData` is {file, exportName, environment, functionName, redirects, redirectSource}. */
export const WORKER_SOURCE = String.raw`
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { pathToFileURL } = require('node:url');
const { performance } = require('node:perf_hooks');
Object.assign(process.env, workerData.environment);
require('node:vm').runInThisContext(workerData.redirectSource)(require, workerData.redirects);

// The working directory is of the whole process, and so of all functions and the gateway.
process.chdir = () => {
  throw new Error('process.chdir() does not work here, where all functions share one process; make paths from __dirname or import.meta.dirname');
};

const errorOf = (thrown) => thrown instanceof Error
  ? { errorMessage: thrown.message, errorType: thrown.name }
  : { errorMessage: typeof thrown === 'string' ? thrown : JSON.stringify(thrown) ?? String(thrown), errorType: typeof thrown };

async function load() {
  const exports = await import(pathToFileURL(workerData.file).href);
  const handler = exports[workerData.exportName] ?? exports.default?.[workerData.exportName];
  if (typeof handler !== 'function') {
    throw new Error(workerData.exportName + ' is undefined or not exported');
  }
  return handler;
}

// Lambda's rules for Node.js: a promise is awaited, a callback counts when the function takes one,
// and any other returned value is lost.
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, value) => (error == null ? resolve(value) : reject(error));
    Object.assign(context, {
      succeed: resolve, fail: reject, done: callback, callbackWaitsForEmptyEventLoop: true,
    });
    const returned = handler(event, context, callback);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    else if (handler.length < 3) resolve(null);
  });
}

function contextOf({ awsRequestId, timeoutMs }) {
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId, functionName: workerData.functionName, functionVersion: '$LATEST',
    invokedFunctionArn: workerData.functionArn, memoryLimitInMB: '1024',
    logGroupName: '/aws/lambda/' + workerData.functionName, logStreamName: awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
}

load().then((handler) => {
  parentPort.on('message', async (invocation) => {
    try {
      const value = await run(handler, JSON.parse(invocation.event), contextOf(invocation));
      parentPort.postMessage({ kind: 'returned', value: JSON.stringify(value) ?? 'null' });
    } catch (thrown) {
      parentPort.postMessage({ kind: 'failed', ...errorOf(thrown) });
    }
  });
  parentPort.postMessage({ kind: 'ready' });
}, (thrown) => parentPort.postMessage({ kind: 'unloadable', ...errorOf(thrown) }));
`;
