import { type OperationDefinitionNode, parse, type Token, TokenKind } from 'graphql'
import catalog from '../../../schema/operations/catalog.graphql'
import identity from '../../../schema/operations/identity.graphql'
import playback from '../../../schema/operations/playback.graphql'
import playlists from '../../../schema/operations/playlists.graphql'
import recommendations from '../../../schema/operations/recommendations.graphql'
import variables from '../../../schema/operations/variables.json' with { type: 'json' }
import welcome from './welcome.graphql'

export interface Example {
  name: string
  kind: OperationDefinitionNode['operation']
  /** What it is for: the first line of its comment. */
  purpose: string
  query: string
  variables: string
}

export interface Topic {
  title: string
  examples: Example[]
}

export const topics: Topic[] = [
  { title: 'Search and catalogue', examples: examplesOf(catalog) },
  { title: 'Playback', examples: examplesOf(playback) },
  { title: 'Playlists', examples: examplesOf(playlists) },
  { title: 'Recommendations', examples: examplesOf(recommendations) },
  { title: 'Accounts', examples: examplesOf(identity) },
]

const OPENED_FIRST = ['Search', 'PlaybackStart', 'PlaylistChanged', 'PlaylistAddItems', 'Viewer']

/** The tabs of a first visit. */
export const firstTabs: Example[] = [
  ...examplesOf(welcome),
  ...OPENED_FIRST.flatMap((name) =>
    topics.flatMap((topic) => topic.examples).filter((one) => one.name === name),
  ),
]

function examplesOf(source: string): Example[] {
  return parse(source).definitions.flatMap((definition) => {
    if (definition.kind !== 'OperationDefinition' || !definition.loc) return []
    const comments = commentsBefore(definition.loc.startToken)
    const start = comments[0]?.start ?? definition.loc.start
    const name = definition.name?.value ?? ''
    return {
      name,
      kind: definition.operation,
      purpose: comments[0]?.value.trim() ?? '',
      query: source.slice(start, definition.loc.end),
      variables: variablesOf(name),
    }
  })
}

/** The comment lines that stand directly above an operation. */
function commentsBefore(first: Token): Token[] {
  const comments: Token[] = []
  let below = first
  for (
    let token = first.prev;
    token?.kind === TokenKind.COMMENT && token.line === below.line - 1;
    token = token.prev
  ) {
    comments.unshift(token)
    below = token
  }
  return comments
}

function variablesOf(name: string): string {
  const value = (variables as Record<string, unknown>)[name]
  return value === undefined ? '' : JSON.stringify(value, null, 2)
}
