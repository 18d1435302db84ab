import { account, devices } from './account.ts'
import { live, type Sources, settled } from './example-values.ts'
import { examplePlaylists } from './own-playlist.ts'

const PLACEHOLDER = /\{\{(\w+)\}\}/g

/** Variables with every `{{id}}` written in that can be known now; the others keep their braces until they are sent. */
export async function settle(variables: string): Promise<string> {
  return fill(withOwnIds(variables), async (name) => {
    const value = await Promise.resolve(settled[name])
      .then((source) => source?.())
      .catch(() => undefined)
    return value ?? `{{${name}}}`
  })
}

/** Variables ready to send. Throws, in words, when a placeholder cannot be filled. */
export async function complete(variables: string): Promise<string> {
  const sources: Sources = { ...settled, ...live }
  return fill(variables, async (name) => {
    const source = sources[name]
    if (!source) throw new Error(`Nothing is known to fill {{${name}}} with.`)
    return source()
  })
}

async function fill(text: string, valueFor: (name: string) => Promise<string>): Promise<string> {
  const values = new Map<string, string>()
  for (const [, name = ''] of text.matchAll(PLACEHOLDER)) {
    if (!values.has(name)) values.set(name, JSON.stringify(await valueFor(name)).slice(1, -1))
  }
  return text.replaceAll(PLACEHOLDER, (_, name: string) => values.get(name) ?? '')
}

/** What was filled in for one account is of no use to another: there the same things have other ids. */
function withOwnIds(text: string): string {
  const who = account.get()
  if (!who) return text
  const playlists = examplePlaylists()
  const moved = replaceOthers(text, Object.values(devices()), who.deviceId, 'device')
  return replaceOthers(moved, Object.values(playlists), playlists[who.viewer.id], 'playlist')
}

function replaceOthers(text: string, ids: string[], own: string | null | undefined, name: string): string {
  const others = ids.filter((id) => id !== own)
  return others.reduce((rest, id) => rest.replaceAll(id, own ?? `{{${name}}}`), text)
}
