// A template as it may be shown: values of API keys and of parameters without echo are secrets.
import type { SourceSpan } from '../../base/source-span.ts';
import { entriesOf, type TemplateNode, textOf, valueOf } from './template-node.ts';

/** The text with those values as asterisks. Without a tree, because it could not be read, every `Value` and `Default`. */
export function hideValues(text: string, root: TemplateNode | undefined): string {
  if (root === undefined) {
    return text.replaceAll(
      /(["']?\b(?:Value|Default)["']?\s*:\s*)([^,}\r\n]+)/g,
      (_, key: string, value: string) => `${key}${value.replaceAll(/\S/g, '*')}`,
    );
  }
  const lines = text.split(/(?<=\r\n|\r(?!\n)|\n)/);
  for (const { line, column, length } of secretPlaces(root)) {
    const whole = lines[line - 1] ?? '';
    const hidden = whole.slice(column - 1, column - 1 + length).replaceAll(/\S/g, '*');
    lines[line - 1] = whole.slice(0, column - 1) + hidden + whole.slice(column - 1 + length);
  }
  return lines.join('');
}

function secretPlaces(root: TemplateNode): readonly SourceSpan[] {
  const keys = entriesOf(valueOf(root, 'Resources')).flatMap(({ value }) => {
    if (textOf(valueOf(value, 'Type')) !== 'AWS::ApiGateway::ApiKey') return [];
    const secret = valueOf(valueOf(value, 'Properties'), 'Value');
    return secret?.kind === 'scalar' ? [secret.span] : [];
  });
  const parameters = entriesOf(valueOf(root, 'Parameters')).flatMap(({ value }) => {
    const standard = valueOf(value, 'Default');
    const hidden = textOf(valueOf(value, 'NoEcho')) === 'true' && standard !== undefined;
    return hidden ? [standard.span] : [];
  });
  return [...keys, ...parameters];
}
