import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql'

/** A type with fields, as a supergraph defines it. */
export type FieldsDefinition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

export function isFieldsDefinition(node: DocumentNode['definitions'][number]): node is FieldsDefinition {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION
}

export function definitionsByName(supergraph: DocumentNode): Map<string, FieldsDefinition> {
  return new Map(supergraph.definitions.filter(isFieldsDefinition).map((node) => [node.name.value, node]))
}

export function fieldOf(type: FieldsDefinition | undefined, name: string): FieldDefinitionNode | undefined {
  return type?.fields?.find((field) => field.name.value === name)
}

export function nameOfType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOfType(type.type)
}

/** The name of a room by the value of `join__Graph` that stands for it. */
export function roomNames(supergraph: DocumentNode): Map<string, string> {
  const rooms = new Map<string, string>()
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const { name, directives = [] } of definition.values ?? []) {
      for (const directive of directives) rooms.set(name.value, String(argumentOf(directive, 'name')))
    }
  }
  return rooms
}

export function argumentOf(directive: ConstDirectiveNode, name: string): unknown {
  const argument = directive.arguments?.find((given) => given.name.value === name)
  return argument === undefined ? undefined : valueFromASTUntyped(argument.value)
}
