import { expect, test } from 'vitest';
import { readTemplate } from './read-template.ts';
import { renderTemplate } from './render.ts';
import { templateVariables } from './variables.ts';

const INPUT = {
  body: JSON.stringify({
    action: 'order',
    pets: [
      { id: 1, type: 'dog', price: 249.99 },
      { id: 2, type: 'cat', price: 2 },
    ],
    errorMessage: '{"key2":{"arr":[1,2,3]}}',
    'a b': null,
  }),
  path: {},
  querystring: { token: 'z', both: 'query' },
  header: { 'X-Test': 'h', both: 'header' },
  context: { connectionId: 'C=', identity: { sourceIp: '1.2.3.4' }, connectedAt: 1700000000000 },
  stageVariables: { name: 'value' },
};

test.each<readonly [string, string]>([
  ['$input.body', INPUT.body],
  ["$input.json('$.pets[0]')", '{"id":1,"type":"dog","price":249.99}'],
  ["$input.json('$.action')", '"order"'],
  ["$input.json('$.nowhere')", '""'],
  ["$input.path('$.pets').count()", '2'],
  ["$input.path('$.pets').size()", '2'],
  ["$input.path('$.pets[1].type')", 'cat'],
  ["$input.path('$.pets[*].id')", '[1, 2]'],
  ["$input.path('$..type')", '[dog, cat]'],
  ['$input.path(\'$["action"]\')', 'order'],
  ["$!input.path('$.nowhere')", ''],
  ["$input.path('$').pets[0].price", '249.99'],
  ["#foreach($p in $input.path('$.pets'))$p.type#if($foreach.hasNext), #end#end", 'dog, cat'],
  ["$input.params('token')", 'z'],
  ["$input.params('both')", 'query'],
  ["$input.params('X-Test')", 'h'],
  ["[$input.params('nowhere')]", '[]'],
  ['$input.params().header.get("X-Test")', 'h'],
  [
    '$input.params()',
    '{path={}, querystring={token=z, both=query}, header={X-Test=h, both=header}}',
  ],
  ['#foreach($k in $input.params().querystring.keySet())$k;#end', 'token;both;'],
  [
    '$context.connectionId $context.identity.sourceIp $context.connectedAt',
    'C= 1.2.3.4 1700000000000',
  ],
  ['$context.authorizer.principalId', '$context.authorizer.principalId'],
  ["$stageVariables.name ${stageVariables['name']} $stageVariables['name']", 'value value value'],
  ['$util.escapeJavaScript("it\'s \\ / ü")', "it\\'s \\\\ \\/ \\u00FC"],
  ['$util.escapeJavaScript("it\'s").replaceAll("\\\\\'","\'")', "it's"],
  ["$util.parseJson($input.path('$.errorMessage')).key2.arr[0]", '1'],
  ["$util.urlEncode('a b&c=ü~*!')", 'a+b%26c%3D%C3%BC%7E*%21'],
  ["$util.urlDecode('a+b%26%C3%BC')", 'a b&ü'],
  ["$util.base64Encode('hé') $util.base64Decode('aMOp')", 'aMOp hé'],
  ['$util.nothing("x")', '$util.nothing("x")'],
])('%s is %s', (template, text) => {
  expect(renderTemplate(readTemplate(template), templateVariables(INPUT))).toBe(text);
});

test.each([["$input.path('pets')"], ["$input.path('$.pets[?(@.id)]')"], ["$input.json('$pets')"]])(
  '%s is an error and names the path',
  (template) => {
    const render = () => renderTemplate(readTemplate(template), templateVariables(INPUT));
    expect(render).toThrow(
      /^the path .* (does not begin with \$|is not supported at character \d+)$/,
    );
  },
);
