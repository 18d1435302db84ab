import {
  Kind,
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

/** Every field that is named, at whatever depth. */
export function fieldNames({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    const below =
      'selectionSet' in selection && selection.selectionSet ? fieldNames(selection.selectionSet) : []
    return selection.kind === Kind.FIELD ? [selection.name.value, ...below] : below
  })
}
