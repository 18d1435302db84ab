import {
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
} from 'graphql'

/** Reads the fields that `@key`, `@requires` or `@provides` names. */
export function parseFieldSet(text: string): SelectionSetNode {
  const [operation] = parse(`{ ${text} }`, { noLocation: true }).definitions
  return (operation as OperationDefinitionNode).selectionSet
}

export function printFieldSet(fields: SelectionSetNode): string {
  return stripIgnoredCharacters(print(fields)).slice(1, -1)
}
