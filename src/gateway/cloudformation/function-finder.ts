// Which functions the APIs of a template call.

import type { FunctionLookup } from './api-config.ts';
import type { ApiResource } from './api-resource.ts';
import { exists } from './api-resource.ts';
import { isFunction } from './attribute.ts';
import {
  type CodePlaces,
  functionNameOf,
  readFunction,
  type TemplateFunction,
} from './function.ts';
import type { FunctionCall } from './permission.ts';
import type { Scope } from './scope.ts';
import type { Resource } from './template.ts';
import { type TemplateNode, textNode, textOf, valueOf } from './template-node.ts';

/** Finds functions, and remembers who calls which. */
export class FunctionFinder {
  readonly calls: FunctionCall[] = [];
  readonly #found = new Map<string, TemplateFunction | undefined>();
  readonly #byName = new Map<string, Resource>();
  readonly #scope: Scope;
  readonly #places: CodePlaces;

  constructor(scope: Scope, places: CodePlaces) {
    this.#scope = scope;
    this.#places = places;
    for (const resource of scope.template.resources.values()) {
      if (isFunction(resource) && exists(scope, resource)) {
        this.#byName.set(functionNameOf(scope, resource), resource);
      }
    }
  }

  /** Finds the function that a URI of an integration or authorizer of `api` leads to. */
  lookup(api: ApiResource): FunctionLookup {
    return (uri) => {
      const arn = textOf(uri);
      if (arn === undefined) return undefined;
      const found = this.#functionOf(uri, arn);
      if (found === undefined) return undefined;
      this.calls.push({ api, called: found, at: uri, hasRole: roleIn(api, uri) });
      return textNode(`function:${found.id}`, uri.span);
    };
  }

  /** `Functions` of the configuration. */
  config(): object {
    return Object.fromEntries(
      this.functions().map(({ id, name, Handler, Environment, Timeout }) => [
        id,
        { FunctionName: name, Handler, Environment, Timeout },
      ]),
    );
  }

  functions(): readonly TemplateFunction[] {
    return [...this.#found.values()].filter((one) => one !== undefined);
  }

  #functionOf(uri: TemplateNode, arn: string): TemplateFunction | undefined {
    const { findings } = this.#scope;
    const name = /:function:([^:/]+)/.exec(arn)?.[1];
    if (name === undefined || /\$\{stageVariables/.test(arn)) {
      const hint = 'write the ARN of one function';
      findings.problem(uri.span, `the function of "${arn}" is not served yet`, hint);
      return undefined;
    }
    const resource = this.#byName.get(name);
    if (resource === undefined) {
      findings.problem(uri.span, `the function ${name} is not in this template`, 'declare it here');
      return undefined;
    }
    if (!this.#found.has(resource.id)) {
      this.#found.set(resource.id, readFunction(this.#scope, resource, this.#places));
    }
    return this.#found.get(resource.id);
  }
}

function roleIn(api: ApiResource, uri: TemplateNode): boolean {
  const owner = api.parts.find(
    ({ properties }) =>
      valueOf(properties, 'IntegrationUri') === uri || valueOf(properties, 'AuthorizerUri') === uri,
  );
  const role =
    valueOf(owner?.properties, 'CredentialsArn') ??
    valueOf(owner?.properties, 'AuthorizerCredentialsArn');
  return role !== undefined;
}
