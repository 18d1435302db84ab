import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  valueFromASTUntyped,
  visit,
} from 'graphql'

/** Says of a variable that `@skip` or `@include` names whether it is true. */
export type IsTrue = (variable: string) => boolean

/** Whether a selection with these directives is part of the answer. */
export function isIncluded(directives: readonly DirectiveNode[] | undefined, isTrue: IsTrue): boolean {
  for (const { name, arguments: args } of directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue
    const condition = args?.find((argument) => argument.name.value === 'if')?.value
    const isMet =
      condition?.kind === Kind.VARIABLE
        ? isTrue(condition.name.value)
        : condition?.kind === Kind.BOOLEAN && condition.value
    if (isMet !== (name.value === 'include')) return false
  }
  return true
}

/** The variables on which anything in the document is conditional, in the order in which they occur. */
export function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>()
  visit(document, {
    Directive({ name, arguments: args }) {
      if (name.value !== 'skip' && name.value !== 'include') return
      for (const { value } of args ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  return [...names]
}

/** Reads a condition from coerced or raw variables, with the operation's defaults; what is missing is false. */
export function createConditions(
  operation: OperationDefinitionNode,
): (variables: Readonly<Record<string, unknown>>) => IsTrue {
  const defaults = new Map<string, unknown>()
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue !== undefined) defaults.set(variable.name.value, valueFromASTUntyped(defaultValue))
  }
  return (variables) => (name) => {
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined
    return (given === undefined ? defaults.get(name) : given) === true
  }
}
