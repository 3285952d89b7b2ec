// The same probe for hosts that can only `require` a handler. See probe.mjs.
'use strict';

const probe = import('./probe.mjs');

exports.handler = async (event, context) => (await probe).handler(event, context);
exports.authorizer = async (event, context) => (await probe).authorizer(event, context);
