const IMPORTS = [
  '@key',
  '@shareable',
  '@external',
  '@requires',
  '@provides',
  '@override',
  '@inaccessible',
  '@interfaceObject',
]

/** What the SDL of a subgraph begins with, to be of federation 2. */
export const FEDERATION_2 = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${IMPORTS.map((name) => `"${name}"`).join(', ')}])`
