import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createApiClient } from '../testing/client.ts'

/** The first thing a reader copies has to answer what the page says. */
export function testReadme(address: () => string): void {
  test('the query of the README has the answer of the README', async () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const query = /```graphql\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const answer = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''

    expect({ data: await createApiClient(address()).data(query) }).toEqual(JSON.parse(answer))
    expect(readme.split('\n').findIndex((line) => line.startsWith('```json'))).toBeLessThan(20)
  })
}
