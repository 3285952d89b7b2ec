// How one step ended.

/** `impossible`: because of what the endpoint did. `prevented`: because of anything else. */
export type StepEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'impossible' | 'prevented'; readonly message: string };
