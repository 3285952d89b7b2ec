// Intrinsic functions, seen through the environment of a function: what a handler would get.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { problems, reading, served, withVariables } from './fixture/reading.ts';
import type { TemplateOptions } from './read-template.ts';

const SECTIONS = `  Other:
    Type: AWS::Lambda::Function
    Properties: { FunctionName: !Sub 'other-\${Live}' }
  Stored:
    Type: AWS::DynamoDB::Table
    Properties: { TableName: !Ref Name }
  Queue: { Type: AWS::SQS::Queue }
  Topic: { Type: AWS::SNS::Topic }
  Secret: { Type: AWS::SecretsManager::Secret }
Parameters:
  Name: { Type: String, Default: lobby }
  Zones: { Type: CommaDelimitedList, Default: 'a, b,c' }
  Level: { Type: Number, Default: 012 }
Mappings:
  Sizes:
    eu-west-1: { small: 1, big: [x, y] }
Conditions:
  Yes: !Equals [!Ref Name, lobby]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Equals [1, '1']]
  Either: !Or [!Condition No, !Condition Both]
  Neither: !Or [!Condition No, !Not [!Condition Both]]
  Lists: !Equals [!Ref Zones, [a, b, c]]
`;

function valueOf(text: string, options: Partial<TemplateOptions> = {}): string | undefined {
  const [one] = served(reading(withVariables(`V: ${text}`, SECTIONS), options)).functions;
  return one?.Environment['V'];
}

describe('gives what CloudFormation gives', () => {
  test.each([
    ['a plain text', 'text', 'text'],
    ['a number as it is written', '0012', '0012'],
    ['a truth value', 'true', 'true'],
    ['a long number', '12345678901234567890', '12345678901234567890'],
    ['a date', '2012-10-17', '2012-10-17'],
    ['Ref of a parameter', '!Ref Name', 'lobby'],
    ['Ref of a number', '!Ref Level', '012'],
    ['the long form', '{ Ref: Name }', 'lobby'],
    ['Ref of the region', '!Ref AWS::Region', 'eu-west-1'],
    ['Ref of the account', '!Ref AWS::AccountId', '111122223333'],
    ['Ref of the partition', '!Ref AWS::Partition', 'aws'],
    ['Ref of the suffix', '!Ref AWS::URLSuffix', 'amazonaws.com'],
    ['Ref of the stack', '!Ref AWS::StackName', 'chat'],
    ['Ref of an API', '!Ref Chat', 'chat'],
    ['Ref of a stage', '!Ref Live', 'live'],
    [
      'GetAtt of a function',
      '!GetAtt Other.Arn',
      'arn:aws:lambda:eu-west-1:111122223333:function:other-live',
    ],
    [
      'GetAtt as a list',
      '!GetAtt [Other, Arn]',
      'arn:aws:lambda:eu-west-1:111122223333:function:other-live',
    ],
    [
      'GetAtt in long form',
      "{ 'Fn::GetAtt': Other.Arn }",
      'arn:aws:lambda:eu-west-1:111122223333:function:other-live',
    ],
    [
      'the endpoint of an API',
      '!GetAtt Chat.ApiEndpoint',
      'wss://chat.execute-api.eu-west-1.amazonaws.com',
    ],
    ['Ref of a table', '!Ref Stored', 'lobby'],
    [
      'the ARN of a table',
      '!GetAtt Stored.Arn',
      'arn:aws:dynamodb:eu-west-1:111122223333:table/lobby',
    ],
    ['Ref of a queue', '!Ref Queue', 'https://sqs.eu-west-1.amazonaws.com/111122223333/Queue'],
    ['Ref of a topic', '!Ref Topic', 'arn:aws:sns:eu-west-1:111122223333:Topic'],
    ['an attribute that nothing is known of', '!GetAtt Secret.Id2', 'Secret.Id2'],
    ['Ref of a role that SAM makes', '!Ref HandlerRole', 'HandlerRole'],
    ['Sub of a text', "!Sub '${Name}-${AWS::Region}-${Chat}'", 'lobby-eu-west-1-chat'],
    [
      'Sub of an attribute',
      "!Sub '${Other.Arn}!'",
      'arn:aws:lambda:eu-west-1:111122223333:function:other-live!',
    ],
    ['Sub with a mapping', "!Sub ['${A}/${Name}', { A: !Join ['-', [x, y]] }]", 'x-y/lobby'],
    ['Sub of what is no name', "!Sub 'a ${!Literal} $ {b}'", 'a ${Literal} $ {b}'],
    ['Join', "!Join ['', [wss://, !Ref Chat, /, !Ref Live]]", 'wss://chat/live'],
    ['Join of a list parameter', "!Join [':', !Ref Zones]", 'a:b:c'],
    ['Join of one', "!Join [',', [x]]", 'x'],
    ['Join without what is no value', "!Join ['.', [a, !Ref AWS::NoValue, b]]", 'a.b'],
    ['Select', '!Select [1, [a, b]]', 'b'],
    ['Select from Split', "!Select [2, !Split ['.', a.b.c]]", 'c'],
    ['Select from a list parameter', "!Select ['0', !Ref Zones]", 'a'],
    ['Base64', '!Base64 häuser', 'aMOkdXNlcg=='],
    ['FindInMap', '!FindInMap [Sizes, !Ref AWS::Region, small]', '1'],
    ['FindInMap of a list', '!Select [1, !FindInMap [Sizes, eu-west-1, big]]', 'y'],
    ['FindInMap with a default', '!FindInMap [Sizes, mars, small, { DefaultValue: none }]', 'none'],
    ['If that holds', '!If [Yes, one, two]', 'one'],
    ['If that does not', '!If [No, one, two]', 'two'],
    ['And', '!If [Both, one, two]', 'one'],
    ['Or', '!If [Either, one, two]', 'one'],
    ['Or of none', '!If [Neither, one, two]', 'two'],
    ['Equals of lists', '!If [Lists, one, two]', 'one'],
    ['only the branch that is taken', '!If [Yes, one, !Cidr [a, b]]', 'one'],
    [
      'functions in functions',
      "!Sub ['${X}', { X: !Select [0, !Split ['-', !Ref Name]] }]",
      'lobby',
    ],
    ['GetAZs', "!Select [1, !GetAZs '']", 'eu-west-1b'],
  ])('%s', (_, text, expected) => {
    expect(valueOf(text)).toBe(expected);
  });

  it('takes a variable away for AWS::NoValue', () => {
    expect(valueOf('!If [Yes, !Ref AWS::NoValue, x]')).toBeUndefined();
  });

  it('takes parameters and exports that are given', () => {
    expect(valueOf('!Ref Name', { parameters: { Name: 'other' } })).toBe('other');
    expect(valueOf('!If [Yes, one, two]', { parameters: { Name: 'other' } })).toBe('two');
    expect(valueOf('!ImportValue net-Vpc', { imports: { 'net-Vpc': 'vpc-1' } })).toBe('vpc-1');
    expect(
      valueOf("!ImportValue { 'Fn::Sub': '${Name}-x' }", { imports: { 'lobby-x': 'y' } }),
    ).toBe('y');
  });
});

describe('says what is wrong', () => {
  test.each([
    [
      'an unknown name',
      '!Ref Nmae',
      ['32:19 there is no parameter or resource Nmae | did you mean Name?'],
    ],
    ['an unknown resource', '!GetAtt Table.Arn', ['32:22 there is no resource Table']],
    [
      'an attribute without a name',
      '!GetAtt Handler',
      ['32:22 Fn::GetAtt takes a resource and an attribute | write Resource.Attribute'],
    ],
    [
      'an unknown name in Sub',
      "!Sub 'x${Nobody}'",
      ['32:19 there is no parameter or resource Nobody'],
    ],
    [
      'a pseudo parameter that is none',
      '!Ref AWS::Regoin',
      ['32:19 CloudFormation has no pseudo parameter AWS::Regoin | did you mean AWS::Region?'],
    ],
    [
      'an unknown function',
      '{ Fn::Upper: x }',
      [
        '32:16 CloudFormation has no function Fn::Upper | there are Condition, Fn::And, Fn::Base64, Fn::Equals, Fn::FindInMap, Fn::GetAZs, Fn::GetAtt, Fn::If, Fn::ImportValue, Fn::Join, Fn::Not, Fn::Or, Fn::Select, Fn::Split, Fn::Sub, Ref',
      ],
    ],
    [
      'a function that is not served',
      '!Cidr [a, 1, 2]',
      ['32:20 Fn::Cidr is not served yet | write its value'],
    ],
    [
      'an export',
      '!ImportValue net',
      ['32:27 the export net is of another stack | give --import net=…'],
    ],
    [
      'an unknown mapping',
      '!FindInMap [Size, a, b]',
      ['32:26 there is no mapping Size | did you mean Sizes?'],
    ],
    [
      'an unknown key of a mapping',
      '!FindInMap [Sizes, a, b]',
      ['32:25 the mapping Sizes has no a.b'],
    ],
    ['an unknown condition', '!If [Maybe, a, b]', ['32:19 there is no condition Maybe']],
    ['an item that is not there', '!Select [3, [a]]', ['32:22 Fn::Select has no item 3 | 0 to 0']],
    ['too few arguments', '!Join [x]', ['32:20 Fn::Join takes a list of 2']],
    ['a list where a text is needed', '!Ref Zones', ['32:19 the variable V has to be a text']],
    [
      'a mapping where a text is needed',
      '{ a: b, c: d }',
      ['32:14 the variable V has to be a text'],
    ],
    [
      'Sub of a list',
      '!Sub [a]',
      [
        '32:19 Fn::Sub takes a text, or a list of a text and a mapping | write a text, or [text, { Name: value }]',
      ],
    ],
    ['a text where a list is needed', '!Join [x, y]', ['32:24 Fn::Join needs a list here']],
  ])('%s', (_, text, expected) => {
    expect(problems(reading(withVariables(`V: ${text}`, SECTIONS)))).toEqual(expected);
  });
});

it('Join and Split are one another’s inverse', () => {
  const word = fc.stringMatching(/^[a-z0-9 ]{0,6}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      const text = JSON.stringify(words.join('|'));
      const at = words.length - 1;
      expect(valueOf(`!Select [${at}, !Split ['|', ${text}]]`)).toBe(words[at]);
      expect(valueOf(`!Join ['|', !Split ['|', ${text}]]`)).toBe(words.join('|'));
    }),
    { numRuns: 25 },
  );
});

it('Sub gives back every text without names', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), (text) => {
      fc.pre(!text.includes('${'));
      expect(valueOf(`!Sub ${JSON.stringify(text)}`)).toBe(text);
    }),
    { numRuns: 50 },
  );
});
